"""Who works on a case. The grant that opens it follows from the assignment, and goes with it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import WORK, CaseGrant
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
    _require_supervisor(case, by)
    return add_worker(case, worker, by=by)


@transaction.atomic
def unassign(assignment: Assignment, *, by: User) -> Assignment:
    """End a worker's work on a case: the case closes to them at once."""
    _require_supervisor(assignment.case, by)
    if assignment.ended_at is not None:
        return assignment
    access.withdraw(CaseGrant, assignment.user, WORK, assignment.case)
    return records.change(assignment, by=by, ended_at=timezone.now(), ended_by=by)


def add_worker(case: Case, worker: User, *, by: User) -> Assignment:
    """The assignment and its grant, for an action that checked who asks for it."""
    if case.team_id not in access.teams_with(worker, "cases.work"):
        raise NotOfTheTeam
    # Two supervisors at once: the second waits, and finds the first one's assignment.
    Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    running = Assignment.objects.filter(case=case, user=worker, ended_at=None).first()
    if running is None:
        running, _new = records.create(
            Assignment(case=case, user=worker, subject_key_id=case.subject_key_id), by=by
        )
    access.grant(CaseGrant, worker, WORK, case)
    return running


def _require_supervisor(case: Case, by: User) -> None:
    access.require(by, "cases.assign", case.organization_id)
    if case.team_id not in access.teams_with(by, "cases.assign"):
        raise PermissionDenied
