"""Background work: a thin call, imported late."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

# Time enough to see the person again and ask.
DAYS_BEFORE = 7
# After that, who reviews emergencies is told again, every day.
HOURS_TO_REVIEW = timedelta(hours=24)


@task()
def tell_of_ending_consents() -> None:
    from cases import notices

    notices.consents_ending(timezone.localdate() + timedelta(days=DAYS_BEFORE))


@task()
def tell_of_unreviewed_emergencies() -> None:
    from cases import notices

    notices.emergencies_unreviewed(timezone.now() - HOURS_TO_REVIEW)
