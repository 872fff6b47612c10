"""Which case an auditor asks about: by its number, as it was told or written to them."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cases.forms.search import UNREMEMBERED
from victimcare import numbers
from victimcare.forms import Form


class CaseNumberForm(Form):
    number = forms.CharField(
        label=_("Case number"),
        max_length=40,
        help_text=_("Nine characters and a check character, such as 7KM-2PX-9QB-4."),
        widget=forms.TextInput(UNREMEMBERED),
    )

    def clean_number(self) -> str:
        number = numbers.normalise(self.cleaned_data["number"])
        if number is None:
            raise ValidationError(_("This is no case number: a character is wrong or missing."))
        return number
