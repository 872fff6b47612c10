"""`db_worker`: the worker of the task queue, allowed to read the queue and nothing else; each task acts as
who caused it.
"""

from typing import Any

from django_tasks_db.management.commands import db_worker

from victimcare import acting


class Command(db_worker.Command):
    def handle(self, **options: Any) -> None:
        with acting.as_job("queue"):
            super().handle(**options)
