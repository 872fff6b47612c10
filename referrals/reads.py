"""What the pages of one referral ask, and those of a case that lead to one, by queries that are written once
(ADR 13).
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cases import reads as case_reads
from cases.models import Case, EmergencyAccess, Enrolment
from cases.models.cases import SEEN_BY, CaseQuerySet, seen_by
from referrals.models import RECEIVED_BY, Packet, Referral, ReferralQuerySet, receiver
from victimcare.encryption import keyring
from victimcare.models import User
from victimcare.prepared import Prepared, Uuids, among


def _referral(referral: UUID, **who: Any) -> ReferralQuerySet:
    found: ReferralQuerySet = Referral.objects.filter(pk=referral).seen(**who)
    return found.with_names().select_related("consent")


def _case(case: UUID, **seen: Any) -> CaseQuerySet:
    """With its kinds of case, and whether this user opened it in an emergency."""
    running = Enrolment.objects.current().filter(case=OuterRef("pk"), ended_on=None)
    opened = EmergencyAccess.objects.running(seen["now"]).filter(case=OuterRef("pk"), user_id=seen["user"])
    found: CaseQuerySet = Case.objects.seen(**seen).filter(pk=case)
    return found.annotate(
        running_kinds=ArraySubquery(running.values("kind")), in_emergency=Exists(opened)
    ).select_related("organization", "person", "subject_key__state_key__member_state")


REFERRAL = Prepared(_referral, referral=UUID, **SEEN_BY | RECEIVED_BY)
AMONG = Prepared(
    lambda referrals, **who: Referral.objects.filter(among("pk", referrals)).seen(**who).only("pk"),
    referrals=Uuids, **SEEN_BY | RECEIVED_BY,
)  # fmt: skip
CASE = Prepared(_case, case=UUID, **SEEN_BY)
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


def seen_among(user: User, referrals: Collection[UUID]) -> set[UUID]:
    """Those that this user sees."""
    return {one.pk for one in AMONG(referrals=list(referrals), **seen_by(user) | receiver(user))}


def case_seen(pk: UUID, user: User) -> Any:
    """The case, with its key at hand; None for one that this user does not see."""
    found = CASE(case=pk, **seen_by(user))
    keyring.take(one.subject_key for one in found)
    return next(iter(found), None)


def cases_seen(referral: Referral, user: User) -> set[UUID]:
    """Of the case that was referred and the one that was opened from it, those that this user sees."""
    cases = [pk for pk in (referral.case_id, referral.received_case_id) if pk]
    return case_reads.seen_among(user, cases)


def receives_packet(referral: Referral, user: User) -> bool:
    """Whether the receiver may read, today, what was shared."""
    today = timezone.localdate()
    return PACKET.first(referral=referral.pk, today=today, **receiver(user)) is not None
