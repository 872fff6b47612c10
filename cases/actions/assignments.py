"""Who works on a case. The grant that opens it follows from the assignment, and goes with it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import WORK, CaseGrant, require
from cases.models import Assignment, Case
from victimcare import access, records
from victimcare.models import User


class NotOfTheTeam(ValidationError):
    """A case opens only to somebody who works with cases in the case's own team."""

    def __init__(self) -> None:
        super().__init__({"worker": _("Choose somebody who works in the case's team.")}, code="not_of_team")


@transaction.atomic
def assign(case: Case, worker: User, *, by: User) -> Assignment:
    """Give a case to a worker of its team, who sees it from now on. Twice is once. Raises PermissionDenied,
    NotOfTheTeam.
    """
    require(by, "cases.assign", case)
    return add_worker(case, worker, by=by)


@transaction.atomic
def unassign(assignment: Assignment, *, by: User) -> Assignment:
    """End a worker's work on a case: the case closes to them at once."""
    require(by, "cases.assign", assignment.case)
    _lock(assignment.case)
    current = Assignment.objects.get(pk=assignment.pk)
    return end_work(current, by=by) if current.ended_at is None else current


def add_worker(case: Case, worker: User, *, by: User) -> Assignment:
    """The assignment and its grant, for an action that checked who asks for it."""
    if case.team_id not in access.teams_with(worker, "cases.work"):
        raise NotOfTheTeam
    _lock(case)
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


def _lock(case: Case) -> None:
    """Two supervisors at once: the second waits, and finds what the first did."""
    Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
