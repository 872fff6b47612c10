"""`db_worker`: the worker of the task queue, allowed to read the queue and nothing else; each task acts as
who caused it.
"""

from typing import Any

from django.core.management.base import CommandError
from django_tasks_db.management.commands import db_worker

from victimcare import acting, erasure_ledger


class Command(db_worker.Command):
    def handle(self, **options: Any) -> None:
        if erasure_ledger.brought_back():
            raise CommandError("A restored backup holds erased persons: run `manage.py erasures replay`.")
        with acting.as_job("queue"):
            super().handle(**options)
