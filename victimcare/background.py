"""Background work: runs as the person who caused it, and says of a failure what failed and where, never with
what (see logs.py). How it is run, tried again and taken over from a dead worker: worker.py and queue.py.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django_tasks.base import Task
from django_tasks_db.backend import DatabaseBackend

from victimcare import acting
from victimcare.encryption import keyring
from victimcare.logs import Failed, described

# Who caused it travels with the task's arguments, and is taken from them before it runs.
CAUSED_BY = "caused_by"


LONGEST_WAIT = timedelta(hours=6)
MOST_DOUBLINGS = 20  # long past the longest wait


@dataclass(frozen=True, kw_only=True)
class DiscreetTask(Task):
    """The queue keeps the traceback of a failed task in clear, in a table that outlives it.

    It is tried `attempts` times at most, each time after twice as long: by `@task(attempts=12)` another
    number. So each is a thin call of an action that looks anew at what is to be done.
    """

    attempts: int = 8
    first_wait: timedelta = timedelta(seconds=30)

    def wait_after(self, attempt: int) -> timedelta | None:
        """How long after this failed attempt, counted from 1, the next one comes; None after the last."""
        if attempt >= self.attempts:
            return None
        return min(self.first_wait * 2 ** min(attempt - 1, MOST_DOUBLINGS), LONGEST_WAIT)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        caused_by = kwargs.pop(CAUSED_BY, None)
        try:
            with acting.as_user(_still_active(caused_by)), keyring.held():
                return super().call(*args, **kwargs)
        except Exception as error:
            failed = Failed(described(error))
        # Out here the new exception does not carry the old one along.
        raise failed


class Backend(DatabaseBackend):
    task_class = DiscreetTask  # type: ignore[assignment]  # a kind of Task, as the attribute is for

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        causing = acting.user()
        return super().enqueue(task, args, kwargs | {CAUSED_BY: str(causing.pk) if causing else None})


def _still_active(user_id: str | None) -> Any:
    """Whoever was disabled meanwhile causes nothing any more."""
    from victimcare.models import User  # the models need this module's backend

    return User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
