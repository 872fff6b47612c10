"""Background work: a thin call, imported late."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

# Time enough to see the person again and ask.
DAYS_BEFORE = 7


@task()
def tell_of_ending_consents() -> None:
    from cases import notices

    notices.consents_ending(timezone.localdate() + timedelta(days=DAYS_BEFORE))
