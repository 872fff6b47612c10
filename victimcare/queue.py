"""The rows of the task queue: taken by one worker, held while it runs, tried again, or left as failed.

A task runs in the transaction that holds its row and notes its success: what it did and that it is done are
stored together, or neither. A worker that is killed loses its connection, and with it the transaction and the
row's lock: who finds a running task that nobody holds takes it back. Needs no sign of life and no clock but
the database's, and works behind a pooler.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from victimcare.background import DiscreetTask
from victimcare.logs import described

# Of a worker whose machine vanished the server hears nothing: it ends the transaction after this long.
LONGEST_RUN = timedelta(minutes=15)
# Between its claim and its lock a task is held by nobody, for moments.
TIME_TO_HOLD = timedelta(seconds=10)
KEPT_AFTER_SUCCESS = timedelta(days=7)
KEPT_AFTER_FAILURE = timedelta(days=90)
STOPPED = "WorkerStopped"


@transaction.atomic
def claim(waiting: DBTaskResultQuerySet, worker_id: str) -> DBTaskResult | None:
    """The next task that waits, as this worker's. The attempt is counted before it begins: a task that kills
    its worker does not come back for ever.
    """
    found = waiting.get_locked()
    if found is not None:
        found.claim(worker_id)
        DBTaskResult.objects.filter(pk=found.pk).update(started_at=Now())
    return found


def hold(task_id: UUID, worker_id: str) -> DBTaskResult | None:
    """The row, locked until the transaction ends; None if it is not this worker's any more."""
    with connection.cursor() as cursor:
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(
                "SELECT set_config(%s, %s, true)", [setting, f"{LONGEST_RUN.total_seconds():.0f}s"]
            )
    running = DBTaskResult.objects.running().filter(pk=task_id)
    held = running.select_for_update(of=("self",)).first()
    return held if held is not None and held.worker_ids[-1] == worker_id else None


@transaction.atomic
def take_back() -> int:
    """Running tasks that nobody holds: their worker is gone. Returns how many wait again or have failed."""
    claimed = DBTaskResult.objects.running().filter(started_at__lt=Now() - TIME_TO_HOLD)
    left = list(claimed.select_for_update(of=("self",), skip_locked=True))
    for row in left:
        attempt, most = len(row.worker_ids), _attempts(row)
        _note(row, STOPPED, STOPPED, timezone.now() if attempt < most else None)
    return len(left)


def note_success(row: DBTaskResult) -> None:
    """What a task returns is not kept."""
    row.set_successful(None)


def note_failure(row: DBTaskResult, error: Exception) -> None:
    """Type and place of the error, never its words; it waits for its next attempt, or has failed for good."""
    words = described(error)
    _note(row, words.partition(" at ")[0], words, _next_attempt(row))


@transaction.atomic
def try_again(task_id: UUID) -> bool:
    """A task that failed for good waits again, with all its attempts; False if it does not stand so."""
    row = DBTaskResult.objects.failed().filter(pk=task_id).select_for_update(of=("self",)).first()
    if row is None:
        return False
    row.status, row.run_after, row.worker_ids = TaskResultStatus.READY, timezone.now(), []
    row.save(update_fields=["status", "run_after", "worker_ids"])
    return True


def clear(now: datetime) -> int:
    """What succeeded goes after some days; what failed when somebody had the time to look at it."""
    done = Q(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=now - KEPT_AFTER_SUCCESS)
    failed = Q(status=TaskResultStatus.FAILED, finished_at__lt=now - KEPT_AFTER_FAILURE)
    return DBTaskResult.objects.filter(done | failed).delete()[0]


def _note(row: DBTaskResult, kind: str, words: str, again: datetime | None) -> None:
    row.status = TaskResultStatus.READY if again else TaskResultStatus.FAILED
    row.run_after = again or row.run_after
    row.finished_at = timezone.now()
    row.exception_class_path, row.traceback = kind, words
    row.save(update_fields=["status", "run_after", "finished_at", "exception_class_path", "traceback"])


def _next_attempt(row: DBTaskResult) -> datetime | None:
    task = _task(row)
    wait = task.wait_after(len(row.worker_ids)) if task else None
    return timezone.now() + wait if wait else None


def _attempts(row: DBTaskResult) -> int:
    task = _task(row)
    return task.attempts if task else 0


def _task(row: DBTaskResult) -> DiscreetTask | None:
    """None if this version of the product does not have it: an older one enqueued it."""
    try:
        task = row.task
    except ImportError:
        return None
    return task if isinstance(task, DiscreetTask) else None
