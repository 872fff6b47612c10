"""Background work: thin calls of actions, with ids only. Actions are imported late, since they enqueue these
tasks. Each acts as a system job: it looks at the referrals of all organisations.
"""

from uuid import UUID

from django.utils import timezone
from django_tasks import task

from victimcare import acting


@task()
def expire_due() -> None:
    """Runs when the time of a referral is over, and expires all whose time is: what one run missed, the next
    one finds.
    """
    from referrals import actions

    with acting.as_job("expiry"):
        actions.expire_due_referrals(timezone.now())


@task()
def flag_lapsed(organization_ids: list[str]) -> None:
    """An accreditation lapsed: look anew at what is running there."""
    from referrals import actions

    with acting.as_job("lapses"):
        actions.flag_lapsed([UUID(one) for one in organization_ids])


@task()
def flag_lapsed_staff(certificate_id: str) -> None:
    """A certificate lapsed: look anew at what is running wherever its holder works."""
    from referrals import actions

    with acting.as_job("lapses"):
        actions.flag_lapsed(actions.workplaces_of_holder(UUID(certificate_id)))
