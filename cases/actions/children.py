"""What every write of something that hangs on a case asks first."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.access import require
from cases.models import Case
from cases.models.cases import CaseChild
from victimcare import records
from victimcare.models import User
from victimcare.models.base import PersonalRecord

C = TypeVar("C", bound=CaseChild)


class CaseClosed(ValidationError):
    """What was closed with a supervisor's approval is not written on behind their back.

    Only how to reach the person safely, and who they are, may change (see `cases.actions.persons`).
    """

    def __init__(self) -> None:
        super().__init__(_("This case is closed. Reopen it first, then add to it."), code="case_closed")


def require_open(case: Case, by: User) -> None:
    """Raises PermissionDenied, CaseClosed. The lock keeps a closure and a late note apart."""
    require(by, "cases.work", case)
    if records.locked(case).status == Case.Status.CLOSED:
        raise CaseClosed


def was_retired(model: type[PersonalRecord], **lookup: Any) -> bool:
    """It was there and is not shown any more: for the answer to a second click."""
    return model._base_manager.filter(**lookup).exclude(retired_at=None).exists()


@transaction.atomic
def add(case: Case, child: C, *, by: User) -> tuple[C, bool]:
    """Hang a new record on a running case. Returns it and whether it is new (a form sent twice adds one)."""
    require_open(case, by)
    child.case = case
    child.subject_key_id = case.subject_key_id
    return records.create(child, by=by)


@transaction.atomic
def change(child: C, *, by: User, revision: int | None = None, **values: Any) -> C:
    """Change a record of a running case. Raises PermissionDenied, CaseClosed, Stale, ValidationError."""
    require_open(child.case, by)
    return records.change(child, by=by, revision=revision, **values)
