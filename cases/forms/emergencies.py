"""Opening a case in an emergency: few fields, since somebody is waiting; and reviewing that."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.actions.emergencies import MINUTES
from cases.forms.coded import CodeField
from cases.forms.search import UNREMEMBERED
from victimcare import codelists, numbers
from victimcare.forms import Form, NewRecordMixin

LONGEST = 1000
NAME_NOBODY = _("Without names: others read this.")


def words_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        help_text=NAME_NOBODY,
        widget=forms.Textarea({"rows": 2, "autocomplete": "off"}),
    )


class EmergencyForm(NewRecordMixin, Form):
    """The number only where the case is not known by the address already."""

    number = forms.CharField(label=_("Case number"), max_length=40, widget=forms.TextInput(UNREMEMBERED))
    reason = forms.ChoiceField(
        label=_("Why now?"),
        choices=lambda: codelists.get("emergency-access-reason").choices(),
        widget=forms.RadioSelect,
    )
    words = words_field(_("What happened?"))
    minutes = forms.TypedChoiceField(label=_("For how long?"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, asks_number: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes: Any = self.fields["minutes"]
        minutes.choices = [(one, _minutes_in_words(one)) for one in MINUTES]
        minutes.initial = settings.EMERGENCY_MINUTES
        if not asks_number:
            del self.fields["number"]

    def clean_number(self) -> str:
        number = numbers.normalise(self.cleaned_data["number"])
        if number is None:
            raise ValidationError(_("This is no case number: a character is wrong or missing."))
        return number

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {name: self.cleaned_data[name] for name in ("reason", "words", "minutes", "record_id")}


class MoreForm(Form):
    words = words_field(_("Why is this not enough?"))


class ReviewForm(Form):
    outcome = CodeField(list_id="emergency-review-outcome", label=_("Outcome"))
    review_words = words_field(_("What did you find?"))

    def __init__(self, *args: Any, asks_words: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_words:
            del self.fields["review_words"]


def _minutes_in_words(minutes: int) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
