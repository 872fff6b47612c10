"""What the page of one referral asks, by queries that are written once (ADR 13). But for the first, each is
asked of a referral that this user was found to see.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from cases.models import Case
from cases.models.cases import SEEN_BY, CaseQuerySet, seen_by
from referrals.models import RECEIVED_BY, Packet, Referral, ReferralQuerySet, receiver
from victimcare.models import User
from victimcare.prepared import Prepared, Uuids, among


def _referral(referral: UUID, **who: Any) -> ReferralQuerySet:
    return Referral.objects.seen(**who).filter(pk=referral).with_names().select_related("consent")


def _cases(cases: Any, **seen: Any) -> CaseQuerySet:
    found: CaseQuerySet = Case.objects.seen(**seen).filter(among("pk", cases)).only("pk")
    return found


REFERRAL = Prepared(_referral, referral=UUID, **SEEN_BY | RECEIVED_BY)
CASES = Prepared(_cases, cases=Uuids, **SEEN_BY)
PACKET = Prepared(
    lambda referral, **received: (
        Packet.objects.received(**received).filter(referral=referral).only("pk")
    ),
    referral=UUID, today=date, **RECEIVED_BY,
)  # fmt: skip


def referral_seen(pk: UUID, user: User) -> Referral | None:
    """The referral, with what its page names; None for one that this user does not see."""
    found: Referral | None = REFERRAL.first(referral=pk, **seen_by(user) | receiver(user))
    return found


def cases_seen(referral: Referral, user: User) -> set[UUID]:
    """Of the case that was referred and the one that was opened from it, those that this user sees."""
    cases = [pk for pk in (referral.case_id, referral.received_case_id) if pk]
    return {case.pk for case in CASES(cases=cases, **seen_by(user))}


def receives_packet(referral: Referral, user: User) -> bool:
    """Whether the receiver may read, today, what was shared."""
    today = timezone.localdate()
    return PACKET.first(referral=referral.pk, today=today, **receiver(user)) is not None
