"""What a certifying body does with an application: one reviews it, another decides."""

import calendar
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification import tasks
from certification.models import Accreditation, Application, Certificate, Credential
from victimcare import records, workflow
from victimcare.models import User

AHEAD = timedelta(days=365)  # the latest day from which a credential can be issued


class ReviewedByYou(ValidationError):
    """Who decides is never who reviewed (ISO/IEC 17024, 9.4)."""

    def __init__(self) -> None:
        super().__init__(
            _("You reviewed this application, so a colleague who did not must decide it."),
            code="reviewed_by_you",
        )


class OwnApplication(ValidationError):
    """Nobody reviews or decides what they, or the institution they work for, ask for (ISO/IEC 17024, 4.3)."""

    def __init__(self) -> None:
        super().__init__(
            _("You applied for this, or work where it was applied for: colleagues review and decide it."),
            code="own_application",
        )


class NotFromThatDay(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            {
                "valid_from": ValidationError(
                    _("Choose a day from today on, at most a year ahead."), code="not_from_that_day"
                )
            }
        )


@transaction.atomic
def start_review(application: Application, *, by: User) -> Application:
    """Take it from the queue. Raises OwnApplication, IllegalTransition, PermissionDenied."""
    _require_independent(application, by)
    return workflow.advance(application, "start_review", by=by)


@transaction.atomic
def finish_review(
    application: Application, *, by: User, recommendation: str, findings: str = ""
) -> Application:
    """Recommend, and say why. Raises OwnApplication, IllegalTransition, PermissionDenied, ValidationError."""
    _require_independent(application, by)
    if recommendation not in Application.Decision.values:
        raise ValidationError({"recommendation": _("Say what you recommend.")})
    return workflow.advance(
        application, "finish_review", by=by, recommendation=recommendation, findings=findings
    )


@transaction.atomic
def decide(
    application: Application, *, by: User, decision: str, reason: str = "", valid_from: date | None = None
) -> Application:
    """Decide; if approved, issue in the same transaction. A second click finds it decided: IllegalTransition.

    `reason` is a code of "decision-reason"; a refusal needs one. It issues `application.accreditation`
    or `application.certificate`, valid from today or a day within a year. Raises ReviewedByYou,
    OwnApplication, NotFromThatDay, PermissionDenied, ValidationError too.
    """
    _require_independent(application, by)
    if application.took_part(by):
        raise ReviewedByYou
    if decision == Application.Decision.REFUSED and not reason:
        raise ValidationError({"reason": _("Say why it is refused.")})
    decided = workflow.advance(application, "decide", by=by, reason=reason, decision=decision)
    decided = records.change(decided, by=by, reason=reason)
    if decision == Application.Decision.APPROVED:
        _issue(decided, valid_from or timezone.localdate(), by=by)
    return decided


def _require_independent(application: Application, by: User) -> None:
    if application.is_applicant(by):
        raise OwnApplication


def _issue(application: Application, first_day: date, *, by: User) -> Credential:
    today = timezone.localdate()
    if not today <= first_day <= today + AHEAD:
        raise NotFromThatDay
    months = application.asked_for.validity_months
    days = {"valid_from": first_day, "valid_until": last_day(first_day, months)}
    credential: Credential
    if application.practitioner is not None:
        credential = Certificate(
            practitioner=application.practitioner, scheme_version=application.scheme_version, **days
        )
    else:
        credential = Accreditation(
            institution=application.institution, kind=application.kind, location=application.location, **days
        )
    credential.organization, credential.application = application.organization, application
    tasks.expire_due.using(run_after=credential.over_at).enqueue()
    return records.create(credential, by=by)[0]


def last_day(first_day: date, months: int) -> date:
    """The day before the same day `months` later: 1 March for 24 months is valid until 28 or 29 February."""
    year, month = divmod(first_day.year * 12 + first_day.month - 1 + months, 12)
    day = min(first_day.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)
