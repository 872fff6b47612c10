"""The inbox: what was sent to the user's organisations, newest first."""

from typing import Any

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from referrals.codes import label
from referrals.models import Referral
from referrals.story import rows_of

ORDER = ("-sent_at", "pk")
# What is shown together: name in the address -> label, states.
TABS = {
    "new": (_("New"), [Referral.Status.SENT]),
    "waiting": (_("To answer"), [Referral.Status.RECEIVED, Referral.Status.WAITLISTED]),
    "running": (_("Accepted"), Referral.WITH_RECEIVER),
    "ended": (
        _("Ended"),
        [
            Referral.Status.COMPLETED,
            Referral.Status.NOT_COMPLETED,
            Referral.Status.DECLINED,
            Referral.Status.EXPIRED,
            Referral.Status.WITHDRAWN,
        ],
    ),
}


def inbox_rows(referrals: list[Referral]) -> list[dict[str, Any]]:
    """With the kind of service and how long it waits."""
    now = timezone.now()
    return [
        row
        | {
            "kind": label("service-kind", referral.service_at_location.service.kind),
            "since": _("%(time)s ago") % {"time": timesince(referral.sent_at or now, now, depth=1)},
        }
        for row, referral in zip(rows_of(referrals), referrals, strict=True)
    ]
