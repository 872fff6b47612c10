"""What happens to a certificate or an accreditation after it was issued."""

from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.models import Accreditation, Certificate, Credential
from victimcare import records, workflow
from victimcare.models import User

C = TypeVar("C", bound=Credential)
EASTERNMOST = ZoneInfo("Etc/GMT-14")  # where each day begins first

# Sent with `credential`, in the transaction that suspends or revokes it: look anew at what rests on it.
credential_lapsed = Signal()


class OwnCredential(ValidationError):
    """Nobody suspends, reinstates or revokes what they, or the institution they work for, hold
    (ISO/IEC 17024, 4.3).
    """

    def __init__(self) -> None:
        super().__init__(
            _(
                "You or your institution hold this. "
                "Only colleagues who do not may suspend, reinstate or revoke it."
            ),
            code="own_credential",
        )


class NotOnThatDay(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            {
                "from_day": ValidationError(
                    _("Choose a day on which it was valid and not suspended, today at the latest."),
                    code="not_on_that_day",
                )
            }
        )


@transaction.atomic
def suspend(credential: C, *, by: User, reason: str, from_day: date | None = None) -> C:
    """It does not count from that day on.

    Raises OwnCredential, PermissionDenied, IllegalTransition, NotOnThatDay, ValidationError.
    """
    _require_independent(credential, by)
    today = timezone.localdate()
    from_day = from_day or today
    suspended = workflow.advance(credential, "suspend", by=by, reason=reason)
    if from_day > today or not _counted_since(suspended, from_day):
        raise NotOnThatDay
    suspension = _suspensions(suspended).model(credential=suspended, from_day=from_day, reason=reason)
    records.create(suspension, by=by)
    credential_lapsed.send(sender=type(suspended), credential=suspended)
    return suspended


@transaction.atomic
def reinstate(credential: C, *, by: User, reason: str = "") -> C:
    """It counts again from today on; the days between stay as they were.

    Raises OwnCredential, PermissionDenied, IllegalTransition.
    """
    _require_independent(credential, by)
    reinstated = workflow.advance(credential, "reinstate", by=by, reason=reason)
    _end_suspension(reinstated, timezone.localdate(), by=by)
    return reinstated


@transaction.atomic
def revoke(credential: C, *, by: User, reason: str) -> C:
    """It ends today, for good.

    Raises OwnCredential, PermissionDenied, IllegalTransition, ValidationError.
    """
    _require_independent(credential, by)
    today = timezone.localdate()
    revoked = workflow.advance(credential, "revoke", by=by, reason=reason, ended_on=today)
    revoked = records.change(revoked, by=by, reason=reason)
    _end_suspension(revoked, today, by=by)
    credential_lapsed.send(sender=type(revoked), credential=revoked)
    return revoked


def expire_due(now: datetime) -> int:
    """Mark what is over as expired; returns how many. Validity goes by the dates anyway."""
    latest_day = now.astimezone(EASTERNMOST).date()
    overdue = [*Certificate.objects.overdue(latest_day), *Accreditation.objects.overdue(latest_day)]
    expiring = [credential for credential in overdue if credential.over_at <= now]
    for credential in expiring:
        _expire(credential)
    return len(expiring)


@transaction.atomic
def _expire(credential: Credential) -> None:
    expired = workflow.advance(credential, "expire", by=None)
    _end_suspension(expired, expired.valid_until + timedelta(days=1), by=None)
    credential_lapsed.send(sender=type(expired), credential=expired)


def _require_independent(credential: Credential, by: User) -> None:
    if credential.is_holder(by):
        raise OwnCredential


def _counted_since(credential: Credential, day: date) -> bool:
    """Valid on that day, and no suspension ran on it or later."""
    later = _suspensions(credential).filter(until_day__gt=day)
    return credential.valid_from <= day <= credential.valid_until and not later.exists()


def _end_suspension(credential: Credential, day: date, *, by: User | None) -> None:
    for running in _suspensions(credential).running():
        records.change(running, by=by, until_day=max(day, running.from_day))


def _suspensions(credential: Credential) -> Any:
    """The credential's suspensions: each kind of credential has a table of its own."""
    return credential.suspensions  # type: ignore[attr-defined]  # both models have them
