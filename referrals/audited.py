"""What the auditor's pages learn of referrals: numbers, organisations, kinds of data and dates."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from referrals.models import Referral
from victimcare import access
from victimcare.models import Role, User
from victimcare.worksheet import Readable

# Sent to where the user answered referrals, until the consent or the referral ended. A day of a consent
# counts until it is over everywhere. The packet has a key of the receiver's own from acceptance on; before,
# and on the referral, it is the sender's.
PACKETS = """
SELECT DISTINCT r.number, r.organization_id, p.kinds, r.subject_key_id, p.subject_key_id
FROM referrals_referral r
JOIN referrals_packet p ON p.referral_id = r.id
JOIN cases_consent c ON c.id = r.consent_id
JOIN victimcare_membership m ON m.organization_id = r.receiver_id
WHERE m.user_id = %(user)s AND m.role = ANY(%(roles)s)
AND greatest(
    r.sent_at, m.started_at, %(since)s, c.valid_from::timestamp AT TIME ZONE 'UTC' - interval '14 hours'
) < least(
    coalesce(m.ended_at, 'infinity'), coalesce(c.withdrawn_at, 'infinity'),
    coalesce(c.retired_at, 'infinity'),
    (c.valid_until + 1)::timestamp AT TIME ZONE 'UTC' + interval '12 hours',
    CASE WHEN r.status = ANY(%(closed)s) THEN coalesce(r.ended_at, r.answered_at, r.answer_until)
    ELSE 'infinity' END,
    %(until)s
)
"""
OBJECTS: dict[str, str | Promise] = {
    "referrals.Packet": _("packet of a referral"),
    "referrals.Referral": _("referral"),
}


def readable(account: User, since: datetime, until: datetime) -> Iterable[Readable]:
    """For the breach worksheet: packets that were open to the places where the user answered referrals."""
    asked: dict[str, Any] = {
        "user": account.pk,
        "since": since,
        "until": until,
        "roles": [str(role) for role in Role if "referrals.answer" in access.permissions_of(role)],
        "closed": [str(status) for status in Referral.CLOSED_TO_RECEIVER],
    }
    with connection.cursor() as cursor:
        cursor.execute(PACKETS, asked)
        found = cursor.fetchall()
    for number, organization_id, kinds, *keys in found:
        yield Readable(number, organization_id, _("received the referral"), kinds, tuple(keys))
