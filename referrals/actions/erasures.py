"""The sender erases a person: what was referred ends, and who received it is told."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from cases.models import Case
from referrals.models import Referral
from victimcare import records, workflow
from victimcare.models import User

REASON = "person_erased"


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
    return len(found)
