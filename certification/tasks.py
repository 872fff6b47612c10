"""Background work: thin calls of actions. They are imported late, since they enqueue these tasks."""

from django.utils import timezone
from django_tasks import task

from victimcare import acting


@task()
def expire_due() -> None:
    """Runs when each credential is over, and marks all that are."""
    from certification import actions

    with acting.as_job("expiry"):
        actions.expire_due(timezone.now())


@task()
def tell_of_ending() -> None:
    """Each day, of what ends soon."""
    from certification import notices

    with acting.as_job("expiry"):
        notices.ending(timezone.localdate())
