"""The question before any case is opened: do we know this person?"""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cases.clues import Clues
from victimcare.encryption.fields import PartialDateFormField
from victimcare.forms import Form

BIRTH_HINT = _("A year, a month or a full date: 1985, 1985-03 or 1985-03-12.")
# The browser must not offer the last person's name to the next one who sits here.
UNREMEMBERED = {"autocomplete": "off", "spellcheck": "false"}


class SearchForm(Form):
    given_names = forms.CharField(
        label=_("Given names"), max_length=200, required=False, widget=forms.TextInput(UNREMEMBERED)
    )
    surnames = forms.CharField(
        label=_("Surnames"), max_length=200, required=False, widget=forms.TextInput(UNREMEMBERED)
    )
    birth = PartialDateFormField(
        label=_("Date or year of birth"),
        max_length=11,
        required=False,
        help_text=BIRTH_HINT,
        widget=forms.TextInput(UNREMEMBERED),
    )
    identity_number = forms.CharField(
        label=_("Number of an identity document"),
        max_length=60,
        required=False,
        widget=forms.TextInput(UNREMEMBERED),
    )
    reached_at = forms.CharField(
        label=_("Telephone or e-mail"), max_length=200, required=False, widget=forms.TextInput(UNREMEMBERED)
    )

    groups = (
        (
            _("Who is it?"),
            _("One answer is enough. Accents, order and small misspellings do not matter."),
            ("given_names", "surnames", "birth", "identity_number", "reached_at"),
        ),
    )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        asked = ("given_names", "surnames", "identity_number", "reached_at")
        if not self.errors and not any(cleaned.get(name) for name in asked):
            raise ValidationError(
                _("Write a name, an identity number, a telephone or an e-mail: one of them is enough.")
            )
        return cleaned

    def clues(self) -> Clues:
        birth = self.cleaned_data["birth"]
        around = 1 if birth and birth.approximate else 0
        years = range(birth.year - around, birth.year + around + 1) if birth else ()
        reached_at = self.cleaned_data["reached_at"]
        return Clues(
            given_names=self.cleaned_data["given_names"],
            surnames=self.cleaned_data["surnames"],
            years=frozenset(years),
            identity_number=self.cleaned_data["identity_number"],
            reached_at=(reached_at,) if reached_at else (),
        )


class CaseloadSearchForm(Form):
    """A name or a case number, within the user's own cases."""

    q = forms.CharField(
        label=_("Name or case number"),
        required=False,
        max_length=200,
        widget=forms.TextInput(UNREMEMBERED | {"type": "search"}),
    )


class AnswerForm(Form):
    """To somebody who asks about a case: two buttons."""

    answer = forms.ChoiceField(choices=[("contact", _("We get in touch")), ("declined", _("No"))])
