"""To whom a case was disclosed with a referral: who holds copies when its person is erased."""

from collections.abc import Iterable
from typing import Any

from cases.erasing import Recipient
from cases.models import Case, Erasure, Party
from referrals.models import Referral
from victimcare import acting
from victimcare.kinds import DataKind
from victimcare.models import Organization


def recipients(case: Case) -> Iterable[Recipient]:
    """Each referral that was sent, with the kinds of data of its packet."""
    sent = Referral.objects.current().filter(case=case, sent_at__isnull=False)
    for referral in sent.select_related("receiver", "packet"):
        yield Recipient(
            organization=referral.receiver,
            at=referral.sent_at or referral.created_at,
            number=referral.number,
            kinds=tuple(referral.packet.kinds),
            running=referral.status in Referral.RUNNING,
        )


def told_the_name(case: Case) -> Iterable[Recipient]:
    """Each referral that was sent of another's case which named the erased person, of whichever team: it may
    have said the name.
    """
    erased = Erasure.objects.current().filter(case=case, status=Erasure.Status.APPROVED)
    parties = [party for erasure in erased for party in erasure.parties]
    with acting.as_job("erasure"):
        cases = Party.objects.filter(pk__in=parties).values("case")
        sent = Referral.objects.current().filter(case__in=cases, sent_at__isnull=False).order_by("pk")
        found: list[Any] = list(sent.values_list("receiver", "sent_at", "number", "status"))
    receivers = Organization.objects.in_bulk([receiver for receiver, *_rest in found])
    for receiver, at, number, status in found:
        yield Recipient(
            organization=receivers[receiver],
            at=at,
            number=number,
            kinds=(DataKind.IDENTITY,),
            running=status in Referral.RUNNING,
        )
