"""The receiver's side: read, answer, report."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from referrals import notices, packets, tasks
from referrals.actions.accredited import asked_again, require_accredited
from referrals.actions.sending import ConsentMissing, consent_end
from referrals.models import Packet, Referral, ServiceAtLocation
from victimcare import access, records, workflow
from victimcare.encryption import keyring
from victimcare.models import User

ANSWER = "referrals.answer"


class NoPlace(ValidationError):
    """Nobody is accepted into a place that does not exist."""

    def __init__(self) -> None:
        super().__init__(
            _("No place is free. Put it on the waiting list, or correct the number of free places."),
            code="no_place",
        )


class AccreditationLost(ValidationError):
    """Whoever may not be sent to today takes nobody over today, though it was sent before."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Your organisation is not accredited for this kind of service today, so it cannot accept. "
                "Decline it, so that the person is helped elsewhere; or ask your certifying body."
            ),
            code="accreditation_lost",
        )


class ReasonMissing(ValidationError):
    def __init__(self) -> None:
        super().__init__({"reason": ValidationError(_("Choose a reason."), code="reason_missing")})


class OutcomeMissing(ValidationError):
    def __init__(self) -> None:
        super().__init__({"outcome": ValidationError(_("Choose an outcome."), code="outcome_missing")})


@transaction.atomic
def receive(referral: Referral, *, by: User) -> Referral:
    """Somebody of the receiver says that it arrived, before it is answered: the sender sees it. Raises
    PermissionDenied, IllegalTransition.
    """
    return workflow.advance(referral, "receive", by=by)


@transaction.atomic
def accept_referral(referral: Referral, *, by: User, answer: str = "") -> Referral:
    """Say yes: takes a place, and the packet moves under a key of the receiver's own.

    From the waiting list it is accepted although no free place is counted: who keeps the list knows.
    Raises PermissionDenied, IllegalTransition, AccreditationLost, ConsentMissing, NoPlace.
    """
    access.require(by, ANSWER, referral.receiver_id)
    require_accredited(referral.service_at_location, AccreditationLost)
    waited = referral.status == Referral.Status.WAITLISTED
    with asked_again(AccreditationLost):
        accepted = workflow.advance(referral, "accept", by=by, **_words(answer))
    packet = _open_packet(accepted)
    _take_place(accepted, by, may_be_full=waited)
    _seal_for_receiver(packet, accepted, by)
    notices.answered(accepted)
    return accepted


@transaction.atomic
def decline_referral(referral: Referral, *, reason: str, by: User, answer: str = "") -> Referral:
    """Say no, with a coded reason: the sender is shown the next suitable provider.

    Raises PermissionDenied, IllegalTransition, ReasonMissing.
    """
    if not reason:
        raise ReasonMissing
    declined = _end(referral, "decline", by, reason=reason, answer=answer)
    notices.answered(declined)
    return declined


@transaction.atomic
def waitlist_referral(referral: Referral, *, by: User, answer: str = "") -> Referral:
    """Not now, but later: it waits while the consent holds. Raises PermissionDenied, IllegalTransition."""
    access.require(by, ANSWER, referral.receiver_id)
    until = consent_end(referral.consent)
    waiting = workflow.advance(referral, "waitlist", by=by, answer_until=until, **_words(answer))
    tasks.expire_due.using(run_after=until).enqueue()
    notices.answered(waiting)
    return waiting


@transaction.atomic
def start_referral(referral: Referral, *, by: User) -> Referral:
    """The person came, or work began. Raises PermissionDenied, IllegalTransition."""
    return workflow.advance(referral, "start", by=by)


@transaction.atomic
def complete_referral(referral: Referral, *, outcome: str, by: User, answer: str = "") -> Referral:
    """Report the outcome: the loop closes. Raises PermissionDenied, IllegalTransition, OutcomeMissing."""
    if not outcome:
        raise OutcomeMissing
    completed = workflow.advance(referral, "complete", by=by, outcome=outcome, **_words(answer))
    notices.ended(completed)
    return completed


@transaction.atomic
def not_complete_referral(referral: Referral, *, reason: str, by: User, answer: str = "") -> Referral:
    """It did not come to an end as asked, with a coded reason. Raises PermissionDenied, IllegalTransition,
    ReasonMissing.
    """
    if not reason:
        raise ReasonMissing
    ended = _end(referral, "not_complete", by, reason=reason, answer=answer)
    notices.ended(ended)
    return ended


def _end(referral: Referral, verb: str, by: User, *, reason: str, answer: str) -> Referral:
    return workflow.advance(referral, verb, by=by, reason=reason, end_reason=reason, **_words(answer))


def _words(answer: str) -> dict[str, Any]:
    """An empty answer leaves an earlier one as it is."""
    return {"answer": answer} if answer else {}


def _open_packet(referral: Referral) -> Packet:
    packet = (
        Packet.objects.open_on(timezone.localdate())
        .select_for_update(of=("self",))
        .filter(referral=referral)
        .first()
    )
    if packet is None:
        raise ConsentMissing
    return packet


def _take_place(referral: Referral, by: User, *, may_be_full: bool) -> None:
    """The offer is locked first: two acceptances at once cannot take the same place."""
    offer = ServiceAtLocation.objects.select_for_update(of=("self",)).get(pk=referral.service_at_location_id)
    if offer.places_free is None or (offer.places_free == 0 and may_be_full):
        return
    if offer.places_free == 0:
        raise NoPlace
    records.change(offer, by=by, places_free=offer.places_free - 1)


def _seal_for_receiver(packet: Packet, referral: Referral, by: User) -> None:
    """From now on the packet is the receiver's: erasing the person at the sender does not erase it, nor the
    reverse.
    """
    told = packets.fields_of(packet.sections)
    key = keyring.new_subject_key(referral.receiver)
    key.save(force_insert=True)
    records.change(packet, by=by, organization=referral.receiver, subject_key=key, **told)
