"""What an applicant, a reviewer and a decision-maker fill in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification import requirements
from certification.models import Application
from victimcare import codelists
from victimcare.encryption.fields import PartialDateFormField
from victimcare.forms import Form, NewRecordMixin, RevisionMixin


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, initial=timezone.localdate, help_text=help_text)


def _coded(list_id: str, label: Any, *, required: bool = True) -> forms.ChoiceField:
    def choices() -> list[tuple[str, Any]]:
        return [("", _("Choose…")), *codelists.get(list_id).choices()]

    return forms.ChoiceField(label=label, choices=choices, required=required)


class PersonalApplicationForm(NewRecordMixin, Form):
    """Under which scheme, and who applies. `versions` are those that are open to the practitioner."""

    scheme_version: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, label=_("Scheme"), empty_label=_("Choose…")
    )
    legal_name = forms.CharField(label=_("Your name as it should stand on the certificate"), max_length=200)
    identity_number = forms.CharField(
        label=_("Number of your identity document"), max_length=60, required=False
    )
    birth = PartialDateFormField(
        label=_("Date of birth"),
        required=False,
        help_text=_("Year-month-day, for example 1990-04-21."),
    )
    groups = (
        (_("What you apply for"), "", ("scheme_version",)),
        (
            _("About you"),
            _("Kept encrypted. Only the certifying body and you can read it."),
            ("legal_name", "identity_number", "birth"),
        ),
    )

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme_version"].queryset = versions  # type: ignore[attr-defined]  # a ModelChoiceField

    def file(self) -> dict[str, Any]:
        """What belongs in the practitioner's file."""
        return {name: self.cleaned_data[name] for name in ("legal_name", "identity_number", "birth")}


class InstitutionApplicationForm(NewRecordMixin, Form):
    """For which of the user's institutions, which kind, and where."""

    institution: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, label=_("Institution"), empty_label=None
    )
    kind: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, label=_("Kind of accreditation"), empty_label=_("Choose…")
    )
    location: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None,
        label=_("Place"),
        required=False,
        empty_label=_("All places of the institution"),
    )

    def __init__(self, *args: Any, institutions: Any, kinds: Any, locations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("institution", institutions), ("kind", kinds), ("location", locations)):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]  # ModelChoiceFields


class EvidenceForm(RevisionMixin, Form):
    """One field for each requirement of what was applied for, and a statement in the applicant's words."""

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        self.items = requirements.items(application.asked_for)
        super().__init__(*args, initial=_evidence_initial(application), **kwargs)
        for item in self.items:
            self.fields[item.key] = _evidence_field(item)
        self.fields["statement"] = forms.CharField(
            label=_("What else the certifying body should know"),
            required=False,
            max_length=20_000,
            widget=forms.Textarea(attrs={"rows": 5}),
        )

    def evidence(self) -> dict[str, Any]:
        """What was stated; what was left empty is not kept."""
        stated = {item.key: self.cleaned_data[item.key] for item in self.items}
        return {key: value for key, value in stated.items() if value not in (None, "", False)}


def _evidence_initial(application: Application) -> dict[str, Any]:
    fixed = {"revision": application.revision, "statement": application.statement}
    return {**(application.evidence or {}), **fixed}


def _evidence_field(item: requirements.Item) -> forms.Field:
    if item.least is not None:
        return forms.IntegerField(
            label=item.label, help_text=item.asked, min_value=0, max_value=100_000, required=False
        )
    if item.in_words:
        return forms.CharField(label=item.label, max_length=300, required=False)
    return forms.BooleanField(label=item.label, required=False)


class SubmitForm(Form):
    """Nothing to fill in, unless something that is asked for is `missing`: then it is sent knowingly."""

    anyway = forms.BooleanField(
        label=_("Send it although something is missing"),
        error_messages={"required": _("Tick this, or state what is missing first.")},
    )

    def __init__(self, *args: Any, missing: Sequence[requirements.Answer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not missing:
            del self.fields["anyway"]


class ReviewForm(Form):
    recommendation = forms.ChoiceField(
        label=_("What you recommend"),
        choices=[("approved", _("Approve")), ("refused", _("Refuse"))],
        widget=forms.RadioSelect,
    )
    findings = forms.CharField(
        label=_("What you found"),
        help_text=_("What was checked, how, and what is missing. Only the certifying body reads it."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class DecisionForm(Form):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("approved", _("Approve and issue")), ("refused", _("Refuse"))],
        widget=forms.RadioSelect,
    )
    reason = _coded("decision-reason", _("Reason"))
    valid_from = _day(_("Valid from, if approved"))


class SuspensionForm(Form):
    reason = _coded("suspension-reason", _("Reason"))
    from_day = _day(
        _("Suspended from"), _("Today or an earlier day; it counts as not valid from that day on.")
    )


class ReinstatementForm(Form):
    reason = _coded("reinstatement-reason", _("Reason"))


class RevocationForm(Form):
    reason = _coded("certificate-end-reason", _("Reason"))


class RegisterSearchForm(Form):
    words = forms.CharField(
        label=_("Institution or number"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
