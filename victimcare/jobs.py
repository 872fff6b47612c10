"""Periodic jobs: what happens because time passes. Each app declares its own in its `apps.py`.

What must end by the clock ends in the policies of the database, whether or not anything runs here: these jobs
mark it, and tell people. A row a job says when its next run is; whoever finds it due, under the row's lock,
puts its task into the queue and says when the one after that is. Runs that were missed are made up for once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from victimcare.models import Schedule


@dataclass(frozen=True, slots=True)
class Job:
    """`at`: the hour of the first run, in UTC, for what runs once a day."""

    name: str
    label: str | Promise
    task: Any
    every: timedelta
    at: time | None = None

    def first_run(self, now: datetime) -> datetime:
        if self.at is None:
            return now
        today = datetime.combine(now.astimezone(UTC).date(), self.at, UTC)
        return today if today > now else today + timedelta(days=1)

    def run_after(self, due: datetime, now: datetime) -> datetime:
        """The next run after now, in step with the one that was due."""
        return due + self.every * ((now - due) // self.every + 1)


DAY = timedelta(days=1)
_jobs: dict[str, Job] = {}


def declare(name: str, label: str | Promise, task: Any, *, every: timedelta, at: time | None = None) -> None:
    _jobs[name] = Job(name, label, task, every, at)


def declared() -> list[Job]:
    return list(_jobs.values())


def settle(now: datetime) -> None:
    """A row for each job that has none yet."""
    rows = [Schedule(name=job.name, next_at=job.first_run(now)) for job in _jobs.values()]
    Schedule.objects.bulk_create(rows, ignore_conflicts=True)


def start_due(now: datetime) -> int:
    """Hand what is due to the queue; returns how many were due. Of two workers at once, one starts a job."""
    started = 0
    while _start_one(now):
        started += 1
    return started


@transaction.atomic
def _start_one(now: datetime) -> bool:
    due = Schedule.objects.filter(name__in=_jobs, next_at__lte=now).order_by("next_at", "name")
    row = due.select_for_update(of=("self",), skip_locked=True).first()
    if row is None:
        return False
    job = _jobs[row.name]
    row.next_at = job.run_after(row.next_at, now)
    if not _is_under_way(job):
        job.task.enqueue()
        row.last_at = now
    row.save(update_fields=["next_at", "last_at"])
    return True


def _is_under_way(job: Job) -> bool:
    """Its last task waits or runs: another one behind it would do nothing more."""
    unfinished = DBTaskResult.objects.filter(
        status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING), task_path=job.task.module_path
    )
    return unfinished.exists()
