"""Forms of what a case tells. Whatever is not known may be left out."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms.coded import ChangeForm, CodedModelForm, NewRecordForm, capitalise, keep_region
from cases.forms.search import UNREMEMBERED
from cases.models import Case, Enrolment, Incident, Note, Party, SubstanceUse
from victimcare.forms import Form


def day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class PartyForm(CodedModelForm):
    groups = (
        (_("Who"), "", ("role", "relationship", "name", "gender", "birth")),
        (_("Safety"), "", ("details",)),
    )

    class Meta(CodedModelForm.Meta):
        model = Party
        fields = ("role", "relationship", "name", "gender", "birth", "details")
        widgets = {"name": forms.TextInput(UNREMEMBERED), "birth": forms.TextInput(UNREMEMBERED)}
        help_texts = {
            "name": _("Leave it out if it is not known, or not needed."),
            "details": _(
                "What keeps people safe: has a weapon, works at a service, knows the address, "
                "must not be called."
            ),
        }


class NewPartyForm(NewRecordForm, PartyForm):
    """Somebody else in the case."""


class ChangePartyForm(ChangeForm, PartyForm):
    """Correct what is known of somebody."""


class IncidentForm(CodedModelForm):
    groups = (
        (_("What"), "", ("iccs_code", "violence_types", "violence_settings", "narrative")),
        (_("When and where"), "", ("occurred", "region", "place")),
    )

    class Meta(CodedModelForm.Meta):
        model = Incident
        fields = (
            "iccs_code",
            "violence_types",
            "violence_settings",
            "narrative",
            "occurred",
            "region",
            "place",
        )
        widgets = {"occurred": forms.TextInput(UNREMEMBERED), "place": forms.TextInput(UNREMEMBERED)}

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_region(self, case.organization.member_state_id)


class NewIncidentForm(NewRecordForm, IncidentForm):
    """Something that happened."""


class ChangeIncidentForm(ChangeForm, IncidentForm):
    """Correct what is known of it."""


class SubstanceForm(CodedModelForm):
    class Meta(CodedModelForm.Meta):
        model = SubstanceUse
        fields = ("icd11_code", "rank", "route", "frequency", "first_used_at_age", "details")
        help_texts = {
            "rank": _("1 is the substance that matters most."),
            "first_used_at_age": _("A number such as 16, or a range such as 15-17."),
        }


class NewSubstanceForm(NewRecordForm, SubstanceForm):
    """A substance that the person uses."""


class ChangeSubstanceForm(ChangeForm, SubstanceForm):
    """Correct what is known of it."""


class NoteForm(NewRecordForm):
    """A note of a kind; its words go to the column of that kind, which the action knows."""

    text = forms.CharField(
        label=_("Note"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 8} | UNREMEMBERED),
        error_messages={"required": _("Write something.")},
    )

    class Meta(NewRecordForm.Meta):
        model = Note
        fields = ("kind",)
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args: Any, counsels: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        capitalise(self, "kind")
        if not counsels:
            field: Any = self.fields["kind"]
            field.choices = [one for one in field.choices if one[0] != Note.Kind.COUNSELLING]

    def _get_validation_exclusions(self) -> set[str]:
        # The words are the action's: the model's column of that name holds only some of them.
        return super()._get_validation_exclusions() | {"text", "counselling_text"}


class EnrolForm(NewRecordForm):
    class Meta(NewRecordForm.Meta):
        model = Enrolment
        fields = ("kind", "started_on")
        widgets = {"kind": forms.RadioSelect, "started_on": day_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"started_on": timezone.localdate()}, **kwargs)
        capitalise(self, "kind")


class EndEnrolmentForm(Form):
    ended_on = forms.DateField(label=_("Last day"), widget=day_input(), initial=timezone.localdate)
