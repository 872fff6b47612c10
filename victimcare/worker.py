"""The background worker: runs what waits in the queue, and starts periodic jobs when their time comes.

Told to stop, it ends the task that it runs and takes no other; after `grace` seconds it goes without. As many
workers as wanted run side by side.
"""

import logging
import os
import threading
import time
from types import FrameType
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.utils import timezone
from django_tasks.signals import task_finished, task_started
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from victimcare import jobs, queue
from victimcare.logs import described

logger = logging.getLogger(__name__)


class Worker(db_worker.Worker):
    """The library's worker with its options and signals; how a task is taken and run is ours (queue.py)."""

    def __init__(self, *, grace: float, **options: Any) -> None:
        super().__init__(**options)
        self.grace = grace

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        if self.running:
            # As safe as to be killed: what is not noted as done was not done.
            deadline = threading.Timer(self.grace, os._exit, [1])
            deadline.daemon = True
            deadline.start()
        super().shutdown(signum, frame)

    def run(self) -> None:
        jobs.settle(timezone.now())
        while self.running and not self._has_enough():
            if self._works():
                continue
            if self.batch:
                return
            if self.running:
                time.sleep(self.interval)

    def _works(self) -> bool:
        """Whether there was a task. A database that is away for a while is waited for."""
        close_old_connections()
        try:
            return self.step()
        except (OperationalError, InterfaceError) as error:
            if self.batch:
                raise
            logger.warning("The database is away: %s", described(error))
            connection.close()
            return False

    def step(self) -> bool:
        """One task, if one waits."""
        jobs.start_due(timezone.now())
        queue.take_back()
        found = queue.claim(self._waiting(), self.worker_id)
        if found is not None:
            self.run_task(found)
        return found is not None

    def run_task(self, db_task_result: DBTaskResult) -> None:
        """What it does and that it is done are one transaction."""
        self.running_task = True
        try:
            with transaction.atomic():
                held = queue.hold(db_task_result.pk, self.worker_id)
                if held is not None:
                    _settle(held, _attempt(held))
            if held is not None:
                _say_finished(held)
        finally:
            self.running_task = False
            self._run_tasks += 1

    def _has_enough(self) -> bool:
        return self.max_tasks is not None and self._run_tasks >= self.max_tasks

    def _waiting(self) -> DBTaskResultQuerySet:
        waiting = DBTaskResult.objects.ready().filter(backend_name=self.backend_name)
        if not self.process_all_queues:
            waiting = waiting.filter(queue_name__in=self.queue_names)
        return waiting.exclude(queue_name__in=self.excluded_queue_names)


def _attempt(row: DBTaskResult) -> Exception | None:
    """Runs it; of one that fails nothing is left, and the row stays held."""
    try:
        with transaction.atomic():
            task, given = row.task, row.args_kwargs
            task_started.send(sender=type(task.get_backend()), task_result=row.task_result)
            task.call(*given["args"], **given["kwargs"])
            # What the database would only refuse at the end of the transaction it refuses here.
            connection.check_constraints()
    except Exception as error:  # whatever it is, it is noted, and the next task has its turn
        return error
    return None


def _settle(row: DBTaskResult, error: Exception | None) -> None:
    if error is None:
        queue.note_success(row)
    else:
        queue.note_failure(row, error)
        logger.warning("Attempt %d of %s: %s", len(row.worker_ids), row.task_path, row.traceback)


def _say_finished(row: DBTaskResult) -> None:
    """For the log: which task, and how it ended."""
    try:
        sender = type(row.task.get_backend())
    except ImportError:
        return
    task_finished.send(sender=sender, task_result=row.task_result)
