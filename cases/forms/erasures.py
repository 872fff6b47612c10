"""Reasons of a legal hold and of an erasure; and what confirms that nobody erased by a slip."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.erasing import Named
from cases.forms.coded import CodeField
from victimcare import numbers
from victimcare.forms import Form


class LegalHoldForm(Form):
    reason = CodeField(list_id="legal-hold-reason", label=_("Reason"))


class LiftForm(Form):
    reason = CodeField(list_id="hold-lift-reason", label=_("Reason"))


class ErasureAskForm(Form):
    reason = CodeField(list_id="erasure-reason", label=_("Reason"))


class ErasureApproveForm(Form):
    parties = forms.TypedMultipleChoiceField(
        label=_("Named in other cases"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "Choose those that mean this person: name, date of birth and details are overwritten there. "
            "Who has only a similar name stays."
        ),
    )
    confirmation = forms.CharField(
        label=_("Type the number of the case"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, number: str, named: Sequence[Named], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        if named:
            parties: Any = self.fields["parties"]
            parties.choices = [(str(one.party_id), _words(one)) for one in named]
        else:
            del self.fields["parties"]

    def clean(self) -> dict[str, Any]:
        """What was offered when the page was shown, and is not now, is not left out in silence."""
        if "parties" not in self.fields and self.data.get("parties"):
            raise ValidationError(
                _("A record that you chose cannot be chosen any more. Look again at who is named where.")
            )
        return self.cleaned_data

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if numbers.normalise(typed) != self.number:
            raise ValidationError(_("This is not the number of the case. It stands at the top of this page."))
        return typed


def _words(one: Named) -> str:
    return gettext("Case %(number)s of the team %(team)s: %(reason)s") % {
        "number": one.case.number,
        "team": one.case.team.name,
        "reason": one.reason,
    }
