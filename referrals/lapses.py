"""Which referrals lie with a provider who is not accredited any more: the rule of pages, at the day of the
place. (The tab of what is to do asks the database, at the day of the reader: `referrals.sent`.)"""

from collections.abc import Iterable
from uuid import UUID

from referrals.models import Referral
from referrals.standings import standings_of


def lapsed_of(referrals: Iterable[Referral]) -> set[UUID]:
    """The ids of those that were flagged while they ran, run on, and whose provider is not reinstated: in a
    fixed number of queries.
    """
    flagged = [one for one in referrals if one.lapsed_on and one.status in Referral.RUNNING]
    standings = standings_of(
        {one.service_at_location_id: one.service_at_location for one in flagged}.values()
    )
    return {one.pk for one in flagged if not standings[one.service_at_location_id].eligible}
