"""Which team a case is with, and who works on it. The grant that opens it follows from the assignment, and
goes with it.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import WORK, CaseGrant, require
from cases.models import Assignment, Case
from victimcare import access, records, workflow
from victimcare.models import Team, User


class NotOfTheTeam(ValidationError):
    """A case opens only to somebody who works with cases in the case's own team."""

    def __init__(self) -> None:
        super().__init__({"worker": _("Choose somebody who works in the case's team.")}, code="not_of_team")


class NotATeamHere(ValidationError):
    """A case stays in its organisation: another one opens its own from a referral."""

    def __init__(self) -> None:
        super().__init__({"team": _("Choose another team of the organisation.")}, code="not_a_team_here")


@transaction.atomic
def assign(case: Case, worker: User, *, by: User) -> Assignment:
    """Give a case to a worker of its team, who sees it from now on. Twice is once. Raises PermissionDenied,
    NotOfTheTeam.
    """
    current = _locked(case)
    require(by, "cases.assign", current)
    return add_worker(current, worker, by=by)


@transaction.atomic
def unassign(assignment: Assignment, *, by: User) -> Assignment:
    """End a worker's work on a case: the case closes to them at once."""
    require(by, "cases.assign", _locked(assignment.case))
    current = Assignment.objects.get(pk=assignment.pk)
    return end_work(current, by=by) if current.ended_at is None else current


@transaction.atomic
def move(case: Case, team: Team, *, by: User) -> Case:
    """Another team of the organisation takes the case over: it closes at once to all who worked on it here,
    and a supervisor there gives it to somebody. Twice is once. Raises PermissionDenied, NotATeamHere.
    """
    require(by, "cases.assign", case)
    current = _locked(case)
    if current.team_id == team.pk:
        return current
    require(by, "cases.assign", current)
    if team.organization_id != current.organization_id or team.retired_at is not None:
        raise NotATeamHere
    for running in Assignment.objects.filter(case=current, ended_at=None).select_related("case", "user"):
        end_work(running, by=by)
    moved = records.change(current, by=by, team=team)
    workflow.note_step(moved, "move", source=current.status, by=by)
    return moved


def add_worker(case: Case, worker: User, *, by: User) -> Assignment:
    """The assignment and its grant, for an action that checked who asks for it."""
    if _locked(case).team_id not in access.teams_with(worker, "cases.work"):
        raise NotOfTheTeam
    running = Assignment.objects.filter(case=case, user=worker, ended_at=None).first()
    if running is None:
        running, _new = records.create(
            Assignment(case=case, user=worker, subject_key_id=case.subject_key_id), by=by
        )
    access.grant(CaseGrant, worker, WORK, case)
    return running


def end_work(running: Assignment, *, by: User) -> Assignment:
    """The assignment and its grant end, for an action that checked who asks for it and holds the case."""
    access.withdraw(CaseGrant, running.user, WORK, running.case)
    return records.change(running, by=by, ended_at=timezone.now(), ended_by=by)


def _locked(case: Case) -> Case:
    """The case as it is now. Two supervisors at once: the second waits, and finds what the first did."""
    return records.locked(case)
