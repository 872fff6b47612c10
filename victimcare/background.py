"""Background work whose failures say what failed and where, never with what (see logs.py)."""

from typing import Any

from django_tasks.base import Task
from django_tasks_db.backend import DatabaseBackend

from victimcare.logs import Failed, described


class DiscreetTask(Task):
    """The queue keeps the traceback of a failed task in clear, in a table that outlives it."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().call(*args, **kwargs)
        except Exception as error:
            failed = Failed(described(error))
        # Out here the new exception does not carry the old one along.
        raise failed


class Backend(DatabaseBackend):
    task_class = DiscreetTask  # type: ignore[assignment]  # a kind of Task, as the attribute is for
