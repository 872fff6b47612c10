"""What people are told of referrals: the number and the way to it, as long as they may see it."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.notices import workers_of
from referrals import reads
from referrals.access import ANSWER
from referrals.models import Referral
from victimcare import notifications
from victimcare.models import User
from victimcare.notifications import recipients
from victimcare.notifications.actions import tell

ARRIVED = "referrals.arrived"
TAKEN_BACK = "referrals.taken_back"
ANSWERED = "referrals.answered"
ENDED = "referrals.ended"
EXPIRED = "referrals.expired"
LAPSED = "referrals.lapsed"
WITHDRAWN = "referrals.withdrawn"
SEND = "referrals.send"


def register() -> None:
    for kind, label, permission in (
        (ARRIVED, _("A referral arrived in your inbox"), ANSWER),
        (TAKEN_BACK, _("A referral in your inbox was taken back"), ANSWER),
        (ANSWERED, _("A referral was answered"), SEND),
        (ENDED, _("The outcome of a referral was reported"), SEND),
        (EXPIRED, _("A referral was not answered in time"), SEND),
        (LAPSED, _("The receiver of a referral lost its accreditation"), SEND),
        (WITHDRAWN, _("A referral was withdrawn: its provider is not available"), SEND),
    ):
        notifications.register(
            kind, label, sees=Referral.objects.visible_to, seen_among=reads.seen_among, permission=permission
        )


def arrived(referral: Referral) -> None:
    _tell(recipients.in_organizations(ANSWER, [referral.receiver_id]), ARRIVED, referral)


def taken_back(referral: Referral) -> None:
    """A draft was never in an inbox."""
    if referral.sent_at is not None:
        _tell(recipients.in_organizations(ANSWER, [referral.receiver_id]), TAKEN_BACK, referral)


def answered(referral: Referral) -> None:
    _tell(workers_of(referral.case_id), ANSWERED, referral)


def ended(referral: Referral) -> None:
    _tell(workers_of(referral.case_id), ENDED, referral)


def expired(referral: Referral) -> None:
    _tell(workers_of(referral.case_id), EXPIRED, referral)


def lapsed(referral: Referral) -> None:
    _tell(workers_of(referral.case_id), LAPSED, referral)


def withdrawn(referral: Referral) -> None:
    """For a conflict of interest: who works on the case looks for another provider."""
    _tell(workers_of(referral.case_id), WITHDRAWN, referral)


def _tell(users: Iterable[User], kind: str, referral: Referral) -> None:
    tell(users, kind, reference=referral.number, link=reverse("referrals:referral", args=[referral.pk]))
