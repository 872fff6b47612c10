"""The sender erases a person: what was referred ends, and who received it is told."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cases.models import Case, Party
from referrals.models import Referral
from victimcare import acting, records, workflow
from victimcare.models import User

REASON = "person_erased"
NAMED = "named_erased"


@transaction.atomic
def end_for_erasure(case: Case, *, by: User) -> int:
    """Take back what runs, and mark all that was sent, so that its receiver is told; returns how many. The
    case's own action checked who asks, and still holds the person's key.
    """
    known = Referral.objects.current().filter(case=case)
    # Locked before it is looked at: an acceptance at the same moment comes first, or finds it withdrawn.
    found = list(known.select_for_update(of=("self",)).order_by("pk"))
    marks: dict[str, Any] = {"erased_at": timezone.now(), "erased_by": by}
    for referral in found:
        if referral.status in Referral.TRANSITIONS["erase"].sources:
            workflow.advance(referral, "erase", by=by, reason=REASON, end_reason=REASON, **marks)
        else:
            told = records.change(referral, by=by, **marks)
            workflow.note_step(told, "sender_erased", source=told.status, by=by)
    _end_received(case, by)
    return len(found)


def _end_received(case: Case, by: User) -> None:
    """What the receiver erases in a case of its own, it does not bring to an outcome: the sender is told."""
    received = Referral.objects.current().filter(received_case=case, status__in=Referral.WITH_RECEIVER)
    for referral in received.select_for_update(of=("self",)).order_by("pk"):
        workflow.advance(referral, "receiver_erased", by=by, reason=REASON, end_reason=REASON)


@transaction.atomic
def tell_of_named(parties: Iterable[UUID], *, by: User) -> int:
    """Each referral that was sent of a case which names them says so from now on; returns how many. In a
    replay, those that were overwritten already were told already. As the job: of whichever team.
    """
    with acting.as_job("erasure"):
        cases = Party.objects.filter(pk__in=list(parties), name__isnull=False).values("case")
        found = list(Referral.objects.current().filter(case__in=cases, sent_at__isnull=False).order_by("pk"))
        for referral in found:
            workflow.note_step(referral, NAMED, source=referral.status, by=by)
    return len(found)


@transaction.atomic
def withdraw_naming(parties: Iterable[UUID], *, by: User) -> int:
    """Take back what waits for an answer and names them, in a database that came back; returns how many.
    Under a key that is gone nothing can be read, nor written.
    """
    cases = Party.objects.filter(pk__in=list(parties), subject_key__wrapped__isnull=False).values("case")
    waiting = Referral.objects.current().waiting().filter(case__in=cases)
    found = list(waiting.select_for_update(of=("self",)).order_by("pk"))
    for referral in found:
        workflow.advance(referral, "named_withdrawn", by=by, reason=REASON, end_reason=REASON)
    return len(found)
