"""Background work: thin calls of actions. They are imported late, since they enqueue these tasks."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django_tasks import task

# A day is over everywhere on earth twelve hours after it is over in UTC.
LATEST = timedelta(hours=12)


def over_everywhere(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC) + LATEST


@task()
def expire_due() -> None:
    """Runs after the last day of each credential, and marks all whose last day is over."""
    from certification import actions

    actions.expire_due((timezone.now() - LATEST).astimezone(UTC).date())
