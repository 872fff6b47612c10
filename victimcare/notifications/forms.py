from typing import Any

from django import forms

from victimcare.forms import Form
from victimcare.models import How, User
from victimcare.notifications.listing import choices_of, kinds_for


class ChoicesForm(Form):
    """How the user wants to hear of each kind that they may be told of."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = choices_of(user)
        # A name of a field has no dot: it would be an id that no style sheet finds.
        self.names = {kind.name.replace(".", "_"): kind.name for kind in kinds_for(user)}
        for kind in kinds_for(user):
            self.fields[kind.name.replace(".", "_")] = forms.ChoiceField(
                label=str(kind.label), choices=How.choices, initial=chosen[kind.name]
            )

    def chosen(self) -> dict[str, str]:
        """For the action."""
        return {kind: self.cleaned_data[field] for field, kind in self.names.items()}
