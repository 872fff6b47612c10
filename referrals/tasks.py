"""Background work: thin calls of actions, with ids only. Actions are imported late, since they enqueue these
tasks.
"""

from uuid import UUID

from django.utils import timezone
from django_tasks import task


@task()
def expire_if_due(referral_id: str) -> None:
    """Runs when the time to answer is over; does nothing if it was answered, or may wait longer."""
    from referrals import actions

    actions.expire_due_referrals(timezone.now(), only=UUID(referral_id))


@task()
def flag_lapsed(organization_ids: list[str]) -> None:
    """An accreditation or a certificate of the staff lapsed: look anew at what is running there."""
    from referrals import actions

    actions.flag_lapsed([UUID(one) for one in organization_ids])
