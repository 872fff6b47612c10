"""What ends or flags a referral without anybody's step in it: time, a lost accreditation, a withdrawn
consent.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases.models import Consent
from certification.models import Certificate
from referrals import notices
from referrals.models import Referral
from referrals.standings import day_at, standings_of
from victimcare import records, workflow
from victimcare.models import Membership, User


@transaction.atomic
def expire_due_referrals(now: datetime) -> int:
    """Expire what was not answered in time, so that its case is not waiting for nobody; returns how many."""
    due = Referral.objects.current().waiting().filter(answer_until__lte=now)
    # Locked before it is looked at: an answer given at the same moment comes first, or finds it expired.
    expiring = list(due.select_for_update(of=("self",)).order_by("pk"))
    for referral in expiring:
        notices.expired(workflow.advance(referral, "expire", by=None))
    return len(expiring)


@transaction.atomic
def flag_lapsed(organization_ids: Iterable[UUID]) -> int:
    """Mark running referrals whose receiver may not be sent to today; returns how many. Their senders choose
    anew.
    """
    running = list(
        Referral.objects.current()
        .running()
        .filter(receiver_id__in=organization_ids, lapsed_on=None)
        .with_names()
        .order_by("pk")
    )
    standings = standings_of(
        {one.service_at_location_id: one.service_at_location for one in running}.values()
    )
    lapsed = [one for one in running if not standings[one.service_at_location_id].eligible]
    for referral in lapsed:
        day = day_at(referral.service_at_location.location)
        notices.lapsed(records.change(referral, by=None, lapsed_on=day))
    return len(lapsed)


def workplaces_of_holder(certificate_id: UUID) -> set[UUID]:
    """The organisations where the holder of a certificate works."""
    holder = Certificate.objects.filter(pk=certificate_id).values("practitioner__user_id")
    work = Membership.objects.active().filter(user_id__in=holder)
    return set(work.values_list("organization_id", flat=True))


@transaction.atomic
def withdraw_without_consent(consent: Consent, *, by: User) -> int:
    """The consent was withdrawn: what nobody has accepted yet is taken back; returns how many.

    What was accepted stays with the receiver as its own work; the packet closes by itself, since the consent
    ended.
    """
    resting = Referral.objects.current().filter(
        consent=consent, status__in=[Referral.Status.DRAFT, *Referral.WAITING]
    )
    # Locked before it is looked at: an acceptance at the same moment must not stop the withdrawal.
    taken_back = list(resting.select_for_update(of=("self",)).order_by("pk"))
    for referral in taken_back:
        withdrawn = workflow.advance(
            referral, "lose_consent", by=by, reason="consent_withdrawn", end_reason="consent_withdrawn"
        )
        notices.taken_back(withdrawn)
    return len(taken_back)
