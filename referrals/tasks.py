"""Background work: thin calls of actions, with ids only. Actions are imported late, since they enqueue these
tasks.
"""

from uuid import UUID

from django.utils import timezone
from django_tasks import task


@task()
def expire_due() -> None:
    """Runs when the time of a referral is over, and expires all whose time is: what one run missed, the next
    one finds.
    """
    from referrals import actions

    actions.expire_due_referrals(timezone.now())


@task()
def flag_lapsed(organization_ids: list[str]) -> None:
    """An accreditation or a certificate of the staff lapsed: look anew at what is running there."""
    from referrals import actions

    actions.flag_lapsed([UUID(one) for one in organization_ids])
