"""Which team a case is with, and who works on it. The grants that open it follow from the assignment, and
go with it.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import notices
from cases.access import CaseGrant, require
from cases.models import Assignment, Case
from cases.ties import locked_cases
from victimcare import access, records, workflow
from victimcare.models import Team, User


class NotOfTheTeam(ValidationError):
    """A case opens only to somebody who works with cases in the case's own team."""

    def __init__(self) -> None:
        super().__init__(
            {
                "worker": ValidationError(
                    _("Choose somebody who works in the case's team."), code="not_of_team"
                )
            }
        )


class TiedToIt(ValidationError):
    """The case is locked to this worker, which a supervisor who sees the case may know."""

    def __init__(self) -> None:
        super().__init__(
            {
                "worker": ValidationError(
                    _("A conflict of interest locks this case to them. Choose somebody else."),
                    code="tied_to_it",
                )
            }
        )


class NotATeamHere(ValidationError):
    """A case stays in its organisation: another one opens its own from a referral."""

    def __init__(self) -> None:
        super().__init__(
            {"team": ValidationError(_("Choose another team of the organisation."), code="not_a_team_here")}
        )


@transaction.atomic
def assign(case: Case, worker: User, *, by: User, counsels: bool = False) -> Assignment:
    """Give a case to a worker of its team, who sees it from now on, its counselling notes only if they
    counsel. Given again it says anew whether they do; twice is once. Raises PermissionDenied, NotOfTheTeam,
    TiedToIt.
    """
    current = _locked(case)
    require(by, "cases.assign", current)
    return add_worker(current, worker, by=by, counsels=counsels)


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
    moved = records.change(current, by=by, team=team, stepped_at=timezone.now())
    workflow.note_step(moved, "move", source=current.status, by=by)
    return moved


def add_worker(case: Case, worker: User, *, by: User, counsels: bool) -> Assignment:
    """The assignment and its grants, for an action that checked who asks for it."""
    made = new_work(_locked(case), worker, counsels=counsels)
    if case.pk in locked_cases(worker):
        raise TiedToIt
    running = Assignment.objects.filter(case=case, user=worker, ended_at=None).first()
    if running is None:
        running, _new = records.create(made, by=by)
        begin_work(running, by=by)
        return running
    if running.counsels != counsels:
        running = records.change(running, by=by, counsels=counsels)
    _settle(running)
    return running


def new_work(case: Case, worker: User, *, counsels: bool) -> Assignment:
    """The unsaved assignment. Raises NotOfTheTeam."""
    if case.team_id not in access.teams_with(worker, "cases.work"):
        raise NotOfTheTeam
    return Assignment(case=case, user=worker, counsels=counsels, subject_key_id=case.subject_key_id)


def begin_work(made: Assignment, *, by: User) -> None:
    """The case opens to whom it was given just now, and they are told unless they took it themselves."""
    if made.user != by:
        notices.assigned(made)
    _settle(made)


def end_work(running: Assignment, *, by: User) -> Assignment:
    """The assignment and its grants end, for an action that checked who asks for it and holds the case."""
    ended = records.change(running, by=by, ended_at=timezone.now(), ended_by=by)
    _settle(ended)
    return ended


def _settle(assignment: Assignment) -> None:
    """The worker's grants on the case are those that follow from the assignment: no more, and no fewer."""
    opened, closed = assignment.opens, CaseGrant.allowed - assignment.opens
    if closed:
        access.withdraw(CaseGrant, assignment.user, closed, assignment.case)
    if opened:
        access.grant(CaseGrant, assignment.user, opened, assignment.case)


def _locked(case: Case) -> Case:
    """The case as it is now. Two supervisors at once: the second waits, and finds what the first did."""
    return records.locked(case)
