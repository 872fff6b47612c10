"""To whom a case was disclosed with a referral: who holds copies when its person is erased."""

from collections.abc import Iterable

from cases.erasing import Recipient
from cases.models import Case
from referrals.models import Referral


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
