"""The sender's side: prepare, send with consent to the accredited, withdraw."""

from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import kinds_shown
from cases.models import Case, Consent
from referrals import notices, packets, tasks
from referrals.actions.accredited import asked_again, require_accredited
from referrals.actions.ties import TIED, NotAvailable, require_available
from referrals.models import Packet, Referral, ServiceAtLocation
from victimcare import access, records, workflow
from victimcare.models import User

SEND = "referrals.send"
PURPOSE = "referral"
# Days until an unanswered referral expires and somebody else is proposed, by its urgency.
DAYS_TO_ANSWER = {"routine": 14, "soon": 5, "emergency": 1}


class ConsentMissing(ValidationError):
    """Nothing leaves the organisation without a consent that is in force for that receiver."""

    def __init__(self) -> None:
        super().__init__(
            _("There is no consent in force for this receiver. Record a new consent, then try again."),
            code="consent_missing",
        )


class NotAccredited(ValidationError):
    """A referral reaches only who is accredited for that kind of service, at that place, today."""

    def __init__(self) -> None:
        super().__init__(
            _("This provider is not accredited for this kind of service today. Choose another provider."),
            code="not_accredited",
        )


class NotOffered(ValidationError):
    """The provider closed the service, or its place, after the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _("This provider does not offer this service any more. Choose another provider."),
            code="not_offered",
        )


class NothingToSend(ValidationError):
    """The consent covers nothing that the sender may read."""

    def __init__(self) -> None:
        super().__init__(
            _("You may read nothing of what this consent covers. Somebody who may read it has to send this."),
            code="nothing_to_send",
        )


class CaseClosed(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This case is closed. Reopen it before you refer."), code="case_closed")


@transaction.atomic
def draft_referral(
    case: Case,
    *,
    offer: ServiceAtLocation,
    consent: Consent,
    by: User,
    request: str = "",
    urgency: str = "routine",
    record_id: UUID | None = None,
) -> tuple[Referral, bool]:
    """Prepare a referral of a case to a service at a location: returns it and whether it is new.

    Raises PermissionDenied, ConsentMissing, NotAvailable, NotOffered, NotAccredited, CaseClosed,
    ValidationError.
    """
    access.require(by, SEND, case.organization_id)
    _require_running(case)
    require_available(case, offer.service.organization, by=by)
    referral = Referral(
        id=record_id or uuid4(),
        organization=case.organization,
        team=case.team,
        receiver=offer.service.organization,
        case=case,
        service_at_location=offer,
        consent=consent,
        request=request,
        urgency=urgency,
        subject_key_id=case.subject_key_id,
    )
    _require_consent(referral)
    _require_offered(offer)
    require_accredited(offer, NotAccredited)
    return records.create(referral, by=by)


@transaction.atomic
def send_referral(referral: Referral, *, by: User) -> Referral:
    """Disclose to the receiver what the consent covers and the sender may read, and nothing else. The day is
    the one at the place.

    Raises PermissionDenied, IllegalTransition, ConsentMissing, NotAvailable, NotOffered, NotAccredited,
    CaseClosed, NothingToSend.
    """
    access.require(by, SEND, referral.organization_id)
    if not kinds_shown(by, referral.case):
        raise PermissionDenied
    _require_running(referral.case)
    require_available(referral.case, referral.receiver, by=by)
    consent = _require_consent(referral)
    _require_offered(referral.service_at_location)
    require_accredited(referral.service_at_location, NotAccredited)
    kinds = packets.travelling(referral, consent, by)
    if not kinds:
        raise NothingToSend
    until = answer_until(referral.urgency, consent)
    with asked_again(NotAvailable, TIED), asked_again(NotAccredited):
        sent = workflow.advance(referral, "send", by=by, answer_until=until)
    packet = Packet(
        organization=sent.organization,
        referral=sent,
        subject_key_id=sent.subject_key_id,
        kinds=kinds,
        **packets.fields_of(packets.build(sent, kinds)),
    )
    records.create(packet, by=by)
    tasks.expire_due.using(run_after=sent.answer_until).enqueue()
    notices.arrived(sent)
    return sent


@transaction.atomic
def withdraw_referral(referral: Referral, *, by: User, reason: str = "") -> Referral:
    """The sender takes it back; the receiver's access to the packet ends. Raises PermissionDenied,
    IllegalTransition.
    """
    withdrawn = workflow.advance(referral, "withdraw", by=by, reason=reason, end_reason=reason)
    notices.taken_back(withdrawn)
    return withdrawn


def answer_until(urgency: str, consent: Consent) -> datetime:
    """When an unanswered referral expires: by its urgency, and with the consent at the latest."""
    patience = timezone.now() + timedelta(days=DAYS_TO_ANSWER.get(urgency, DAYS_TO_ANSWER["routine"]))
    return min(patience, consent_end(consent))


def consent_end(consent: Consent) -> datetime:
    return timezone.make_aware(datetime.combine(consent.valid_until + timedelta(days=1), time.min))


def _require_running(case: Case) -> None:
    """The lock keeps a closure and a late referral apart."""
    if records.locked(case).status == Case.Status.CLOSED:
        raise CaseClosed


def _require_consent(referral: Referral) -> Consent:
    """The consent, locked so that a withdrawal waits, in force today for this receiver and for referring."""
    found = (
        Consent.objects.covering(referral.receiver_id, PURPOSE, timezone.localdate())
        .select_for_update(of=("self",))
        .filter(pk=referral.consent_id, case_id=referral.case_id)
        .first()
    )
    if found is None:
        raise ConsentMissing
    return found


def _require_offered(offer: ServiceAtLocation) -> None:
    if not ServiceAtLocation.objects.offered_now().filter(pk=offer.pk).exists():
        raise NotOffered
