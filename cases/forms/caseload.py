"""Narrowing the caseload. The choices travel in the address: none of them is about a person who is served."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.models.cases import CaseQuerySet
from cases.workers import workers_of
from victimcare import access
from victimcare.forms import Form
from victimcare.models import User

NOBODY = "nobody"
RUNNING = "running"
ALL = "all"


class FilterForm(Form):
    """Status for everybody; worker and team for who supervises. Running cases, unless something else is asked
    for in a way that can be read.
    """

    status = forms.ChoiceField(
        label=_("Status"),
        choices=[(RUNNING, _("All but closed")), (ALL, _("All")), *Case.Status.choices],
        required=False,
    )
    worker = forms.ChoiceField(label=_("Worker"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rooms = access.memberships_with(user, "cases.supervise")
        teams = {str(room.team_id): room.team for room in rooms if room.team}
        self._offer("team", [(pk, team.name) for pk, team in teams.items()] if len(teams) > 1 else [])
        workers = workers_of([team.pk for team in teams.values()], user) if teams else []
        nobody = [(NOBODY, _("Nobody yet"))] if teams else []
        self._offer("worker", [*nobody, *((str(worker.pk), worker.name) for worker in workers)])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        if not choices:
            del self.fields[name]
            return
        field: Any = self.fields[name]
        field.choices = [("", _("All")), *choices]

    @property
    def narrows(self) -> bool:
        """True if something else than the ordinary list was asked for."""
        self.is_valid()
        return any(value not in ("", RUNNING) for value in self.cleaned_data.values())

    def narrow(self, cases: CaseQuerySet) -> CaseQuerySet:
        self.is_valid()
        status = self.cleaned_data.get("status") or RUNNING
        if status != ALL:
            cases = cases.running() if status == RUNNING else cases.filter(status=status)
        if team := self.cleaned_data.get("team"):
            cases = cases.filter(team=team)
        worker = self.cleaned_data.get("worker")
        if worker == NOBODY:
            return cases.unassigned()
        return cases.worked_by(worker) if worker else cases
