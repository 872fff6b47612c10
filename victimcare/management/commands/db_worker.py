"""`db_worker`: the worker of the task queue, allowed to read the queue and nothing else; each task acts as
who caused it.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django_tasks_db.management.commands import db_worker

from victimcare import acting, erasure_ledger
from victimcare.worker import Worker

GRACE = 30.0


class Command(db_worker.Command):
    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--grace", type=float, default=GRACE, help="seconds that a task may go on after SIGTERM"
        )

    def handle(self, *, verbosity: int, queue_name: str, exclude_queues: str, **options: Any) -> None:
        if erasure_ledger.brought_back():
            raise CommandError("A restored backup holds erased persons: run `manage.py erasures replay`.")
        self.configure_logging(verbosity)
        names = ("interval", "batch", "backend_name", "startup_delay", "max_tasks", "worker_id", "grace")
        worker = Worker(
            queue_names=queue_name.split(","),
            excluded_queue_names=[name for name in exclude_queues.split(",") if name],
            **{name: options[name] for name in names},
        )
        worker.configure_signals()
        with acting.as_job("queue"):
            worker.run()
