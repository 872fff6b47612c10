"""The background worker as tests run it: in their own process, until nothing waits."""

from datetime import datetime

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from victimcare import acting, queue
from victimcare.worker import Worker


def worker(name: str = "test") -> Worker:
    return Worker(
        queue_names=["default"], interval=0, batch=True, backend_name="default", startup_delay=False,
        max_tasks=None, worker_id=name, excluded_queue_names=[], grace=1,
    )  # fmt: skip


def run_all(name: str = "test") -> None:
    """What waits, and what is due, as the worker does it."""
    one = worker(name)
    with acting.as_job("queue"):
        while one.step():
            pass


def wait_over(row: DBTaskResult, now: datetime) -> None:
    """The time until its next attempt is over."""
    DBTaskResult.objects.filter(pk=row.pk, status="READY").update(run_after=now)


def long_claimed() -> None:
    """What was claimed was claimed so long ago that its worker would hold it by now."""
    claimed_at = timezone.now() - 2 * queue.TIME_TO_HOLD
    DBTaskResult.objects.filter(status="RUNNING").update(started_at=claimed_at)
