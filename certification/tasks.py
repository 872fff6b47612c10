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
