"""Words that a step of a case asks for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.coded import CodeField
from victimcare.forms import Form


class AskClosureForm(Form):
    closure_reason = CodeField(list_id="closure-reason", label=_("Reason"))
    words = forms.CharField(
        label=_("In your words"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea({"rows": 5, "autocomplete": "off"}),
        help_text=_("For the supervisor who decides. It stays with the case as a note."),
    )


class UrgencyForm(Form):
    urgency = CodeField(list_id="urgency", label=_("How urgent is it?"))


class RefuseClosureForm(Form):
    text = forms.CharField(
        label=_("What is still to be done"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 5, "autocomplete": "off"}),
        help_text=_("It stays with the case as a note."),
    )
