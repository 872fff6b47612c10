"""Consent given and withdrawn. Everything that leaves the organisation hangs on it."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cases import consent_texts
from cases.access import require
from cases.actions import children
from cases.models import Case, Consent
from victimcare import records
from victimcare.models import Organization, User

# Sent inside the transaction that withdraws it, with `consent` and `by`: who shared under it closes that too.
consent_withdrawn = Signal()


class ConsentTooLong(ValidationError):
    """Longer than the member state's law allows; `latest` is the last day that it may name."""

    def __init__(self, days: int, latest: date) -> None:
        super().__init__(
            {
                "valid_until": ValidationError(
                    _("A consent holds for at most %(days)s days here. Choose %(latest)s or an earlier day."),
                    code="consent_too_long",
                    params={"days": days, "latest": date_format(latest, "DATE_FORMAT")},
                )
            }
        )


class WrongRecipient(ValidationError):
    """Consent is about what leaves the organisation, towards one that provides services."""

    def __init__(self) -> None:
        super().__init__(
            {
                "recipient": ValidationError(
                    _("Choose another organisation that provides services."), code="wrong_recipient"
                )
            }
        )


class AlreadyWithdrawn(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This consent was withdrawn already."), code="already_withdrawn")


def default_until(organization: Organization, start: date) -> date:
    """The last day of a consent that begins on `start`, unless the person wants it otherwise."""
    return start + timedelta(days=organization.member_state.consent_days)


def latest_until(organization: Organization, start: date, today: date) -> date:
    """The member state's hard maximum, counted from the giving: a later start does not stretch it."""
    return min(start, today) + timedelta(days=organization.member_state.consent_days_maximum)


@transaction.atomic
def record_consent(case: Case, consent: Consent, *, by: User) -> tuple[Consent, bool]:
    """Record what somebody agreed to. Returns it and whether it is new (a form sent twice records one).

    `consent` is unsaved. Raises PermissionDenied, CaseClosed, ConsentTooLong, WrongRecipient and
    ValidationError.
    """
    _check_recipient(case, consent)
    _check_words(consent)
    _check_dates(case, consent)
    return children.add(case, consent, by=by)


@transaction.atomic
def withdraw_consent(consent: Consent, *, by: User) -> Consent:
    """Close access at once, in a closed case too. Raises PermissionDenied, AlreadyWithdrawn."""
    require(by, "cases.work", consent.case)
    # Two people at once: the second waits here, and finds it withdrawn.
    locked = records.locked(consent)
    if locked.withdrawn_at is not None:
        raise AlreadyWithdrawn
    return end_consent(locked, by=by)


def end_consent(consent: Consent, *, by: User) -> Consent:
    """For an action that checked who asks for it, and locked the consent."""
    withdrawn = records.change(consent, by=by, withdrawn_at=timezone.now(), withdrawn_by=by)
    consent_withdrawn.send(sender=Consent, consent=withdrawn, by=by)
    return withdrawn


def _check_recipient(case: Case, consent: Consent) -> None:
    recipient = consent.recipient
    if recipient.pk == case.organization_id or not recipient.is_provider or recipient.retired_at:
        raise WrongRecipient


def _check_words(consent: Consent) -> None:
    if consent.given_by != "self" and not consent.giver_name:
        raise ValidationError({"giver_name": _("Write the name of the person who gave the consent.")})
    if consent_texts.find(consent.text_version, consent.language) is None:
        raise ValidationError({"language": _("There is no text of the consent in this language.")})


def _check_dates(case: Case, consent: Consent) -> None:
    latest = latest_until(case.organization, consent.valid_from, timezone.localdate())
    if consent.valid_until > latest:
        raise ConsentTooLong(case.organization.member_state.consent_days_maximum, latest)
