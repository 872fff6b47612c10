"""A case is opened in an emergency: the minimum first, more for a reason, never for longer than said; and
somebody else reviews it.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import frequency, notices
from cases.access import OPEN_IN_EMERGENCY
from cases.models import Case, EmergencyAccess
from cases.ties import locked_cases
from victimcare import access, records
from victimcare.models import User

# What is offered; the database allows 24 hours at most.
MINUTES = (30, 60, 120)


class SeenAlready(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("You see this case already: no emergency is needed."), code="seen_already")


class EmergencyEnded(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("This emergency access has ended. If you still need the case, open it again."),
            code="emergency_ended",
        )


class ReviewedAlready(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Somebody closed this review already."), code="reviewed_already")


class StillRunning(ValidationError):
    """What it is going to show is not known yet. The database refuses it as well."""

    def __init__(self) -> None:
        super().__init__(
            _("This emergency access still runs. Close the review when it is over."), code="still_running"
        )


class ReviewedBySamePerson(ValidationError):
    """Who opened the case never reviews that. The database refuses it as well."""

    def __init__(self) -> None:
        super().__init__(
            _("You opened this yourself. Somebody else has to review it."), code="reviewed_by_same_person"
        )


@transaction.atomic
def open_in_emergency(
    case: Case, *, by: User, reason: str, words: str, minutes: int, record_id: UUID | None = None
) -> EmergencyAccess:
    """Open the minimum of a case of the own organisation to oneself. Those who answer for the case are told
    at once. While one runs, it is no second one.

    Raises PermissionDenied, also where the case is locked for a conflict of interest; SeenAlready,
    ValidationError.
    """
    access.require(by, OPEN_IN_EMERGENCY, case.organization_id)
    if case.pk in locked_cases(by):
        raise PermissionDenied
    _require_words(words, "words")
    if minutes not in MINUTES:
        raise ValidationError({"minutes": _("Choose one of these.")})
    if running := EmergencyAccess.objects.own(by).running().filter(case=case.pk).first():
        return running
    if Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise SeenAlready
    opened = _of_now(case, by, minutes, id=record_id or uuid4(), reason=reason, words=words)
    stored, new = records.create(opened, by=by)
    if new:
        notices.emergency_opened(stored, team_id=case.team_id)
        _tell_if_it_stands_out(stored, case)
    return stored


@transaction.atomic
def need_more(emergency: EmergencyAccess, *, by: User, words: str) -> EmergencyAccess:
    """Open the rest of the case, without counselling notes, until the same moment. Those who were told of the
    first are told. Twice is once. Raises PermissionDenied, EmergencyEnded, ValidationError.
    """
    current = _own(emergency, by)
    if not current.is_running:
        raise EmergencyEnded
    if current.is_whole:
        return current
    _require_words(words, "words")
    whole = records.change(
        current,
        by=by,
        stage=EmergencyAccess.Stage.WHOLE,
        whole_at=timezone.now(),
        whole_by=by,
        whole_words=words,
    )
    notices.emergency_widened(whole)
    return whole


@transaction.atomic
def end_emergency(emergency: EmergencyAccess, *, by: User) -> EmergencyAccess:
    """Close the case again before the time is over. Ended twice is ended once. Raises PermissionDenied."""
    current = _own(emergency, by)
    if not current.is_running:
        return current
    return records.change(current, by=by, until=timezone.now())


@transaction.atomic
def review_emergency(emergency: EmergencyAccess, *, by: User, outcome: str, words: str) -> EmergencyAccess:
    """Close the review: a supervisor of the case's team or the data-protection officer, who did not open it.
    If the person was erased meanwhile, the outcome alone is stored.

    Raises PermissionDenied, ReviewedAlready, ReviewedBySamePerson, StillRunning, ValidationError.
    """
    if emergency.opened_by_id == by.pk:
        raise ReviewedBySamePerson
    if not EmergencyAccess.objects.reviewed_by(by).filter(pk=emergency.pk).exists():
        raise PermissionDenied
    current = records.locked(emergency)
    _require_reviewable(current)
    if not outcome:
        raise ValidationError({"outcome": _("Choose one of these.")})
    return records.change(
        current, by=by, reviewed_at=timezone.now(), reviewed_by=by, outcome=outcome, **_found(current, words)
    )


def _require_reviewable(current: EmergencyAccess) -> None:
    if current.reviewed_at is not None:
        raise ReviewedAlready
    if current.is_running:
        raise StillRunning


def _found(current: EmergencyAccess, words: str) -> dict[str, Any]:
    """Nothing is written under a key that was destroyed."""
    if current.is_erased:
        return {}
    _require_words(words, "review_words")
    return {"review_words": words}


def _of_now(case: Case, by: User, minutes: int, **values: Any) -> EmergencyAccess:
    now = timezone.now()
    return EmergencyAccess(
        case_id=case.pk,
        subject_key_id=case.subject_key_id,
        organization_id=case.organization_id,
        number=case.number,
        user=by,
        opened_by=by,
        opened_at=now,
        until=now + timedelta(minutes=minutes),
        **values,
    )


def _own(emergency: EmergencyAccess, by: User) -> EmergencyAccess:
    """As it is now, locked. Nobody goes on with what somebody else opened."""
    if emergency.user_id != by.pk or emergency.case_id in locked_cases(by):
        raise PermissionDenied
    return records.locked(emergency)


def _require_words(words: str, name: str) -> None:
    if not words.strip():
        raise ValidationError({name: _("Write something here.")})


def _tell_if_it_stands_out(emergency: EmergencyAccess, case: Case) -> None:
    if frequency.counted(emergency.user_id, emergency.organization_id).stands_out:
        notices.emergencies_stand_out(emergency, team_id=case.team_id)
