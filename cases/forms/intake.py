"""Intake: the person, how to reach them, and the case, on one short page."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cases.forms.assignments import COUNSELS
from cases.forms.persons import ContactForm, PersonForm
from cases.models import Case, ContactPoint, Enrolment, Person
from cases.workers import workers_of
from victimcare import access, codelists
from victimcare.forms import NewRecordMixin
from victimcare.models import Team, User

CONTACT_ROWS = 3


class ContactRows(BaseFormSet):
    """Ways to reach the person. A row may be left empty, also one that the search had filled in."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "missing_management_form": _("Part of this page was lost on the way. Open it again.")
    }

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"empty_permitted": True, "use_required_attribute": False}


ContactFormSet = formset_factory(
    ContactForm, ContactRows, extra=CONTACT_ROWS, max_num=CONTACT_ROWS, absolute_max=10
)


class IntakeForm(NewRecordMixin, PersonForm):
    """A caseworker takes the case; who assigns cases in the team may choose the worker, or nobody yet."""

    enrolments = forms.MultipleChoiceField(
        label=_("Kind of case"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one kind of case.")},
    )
    urgency = forms.ChoiceField(label=_("How urgent is it?"), initial="routine")
    opened_on = forms.DateField(
        label=_("Opened on"), initial=timezone.localdate, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    team = forms.ChoiceField(label=_("Team"))
    worker = forms.ChoiceField(label=_("Who works on it"), required=False)
    counsels = forms.BooleanField(
        label=COUNSELS, required=False, help_text=_("If you take it yourself, you may always.")
    )

    person_groups = (
        (
            _("The person"),
            _("Everything here may be left out. You can add it later."),
            ("given_names", "surnames", "known_as", "gender", "birth", "age", "language", "region"),
        ),
        (
            _("Identity document"),
            _("Only if the person has one at hand and wants to show it."),
            ("identity_document", "identity_number"),
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        rooms = access.memberships_with(user, "cases.open")
        super().__init__(*args, states=[room.organization.member_state for room in rooms], **kwargs)
        self.teams: dict[str, Team] = {str(room.team_id): room.team for room in rooms if room.team}
        self.choose("enrolments", [(kind, capfirst(kind.label)) for kind in Enrolment.Kind])
        self.choose("urgency", codelists.get("urgency").choices())
        self._offer_teams()
        self._offer_workers()

    @property
    def case_groups(self) -> tuple[tuple[Any, Any, list[str]], ...]:
        names = ("enrolments", "urgency", "opened_on", "team", "worker", "counsels")
        return (
            (
                _("The case"),
                _("A case may be of several kinds."),
                [name for name in names if name in self.fields],
            ),
        )

    def _offer_teams(self) -> None:
        self.choose("team", [(pk, team.name) for pk, team in self.teams.items()])
        if len(self.teams) == 1:
            self.fields["team"].initial = next(iter(self.teams))
            self.fields["team"].widget = forms.HiddenInput()

    def _offer_workers(self) -> None:
        self.supervised = {str(team) for team in access.teams_with(self.user, "cases.assign")}
        if not self.supervised:
            del self.fields["worker"], self.fields["counsels"]
            return
        workers = {self.user, *workers_of(self.supervised, self.user)}
        self.workers = {str(one.pk): one for one in sorted(workers, key=lambda one: (one.name, one.pk))}
        self.choose(
            "worker", [("", _("Nobody yet")), *((pk, worker.name) for pk, worker in self.workers.items())]
        )
        self.fields["worker"].initial = str(self.user.pk)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        others = "worker" in cleaned and cleaned["worker"] != str(self.user.pk)
        if others and cleaned.get("team") not in self.supervised:
            self.add_error(
                "worker", _("In this team you may take the case yourself, but not give it to others.")
            )
        return cleaned

    def clean_opened_on(self) -> date:
        day: date = self.cleaned_data["opened_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("A case cannot be opened on a day to come."))
        return day

    def person(self) -> Person:
        return Person(**self.values())

    def case(self) -> Case:
        cleaned = self.cleaned_data
        return Case(
            id=cleaned["record_id"],
            team=self.teams[cleaned["team"]],
            urgency=cleaned["urgency"],
            opened_on=cleaned["opened_on"],
        )

    def chosen_worker(self) -> User | None:
        if "worker" not in self.fields:
            return self.user
        return self.workers.get(self.cleaned_data["worker"])

    def worker_counsels(self) -> bool:
        return bool(self.cleaned_data.get("counsels"))


def contacts_of(formset: Any) -> list[ContactPoint]:
    """The rows that were filled in."""
    return [ContactPoint(**row.values()) for row in formset if row.has_changed()]
