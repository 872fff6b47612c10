"""What the page shows of the queue, read as the job that keeps it, since no user reads a task: names of
tasks, times, and type and place of an error. Arguments stay where they are.
"""

from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from victimcare import acting, jobs
from victimcare.models import Schedule
from victimcare.words import moment_words

FIELDS = ("id", "task_path", "enqueued_at", "finished_at", "run_after", "worker_ids", "traceback")
MOST_SHOWN = 100


def shown() -> dict[str, Any]:
    with acting.as_job("queue"):
        return {
            "failed": [_row(one) for one in _tasks().failed().order_by("-finished_at")[:MOST_SHOWN]],
            "again": [_row(one) for one in _tried_before().order_by("run_after")[:MOST_SHOWN]],
            "waiting": _waiting(),
            "jobs": _jobs(),
        }


def _tasks() -> Any:
    return DBTaskResult.objects.only(*FIELDS)


def _tried_before() -> Any:
    return _tasks().filter(status="READY").exclude(worker_ids=[])


def _row(one: DBTaskResult) -> dict[str, Any]:
    return {
        "task": one.task_path,
        "attempts": len(one.worker_ids),
        "error": one.traceback,
        "at": _moment(one.finished_at),
        "next": _moment(one.run_after),
        "again_url": reverse("work:again", args=[one.pk]),
    }


def _waiting() -> list[dict[str, Any]]:
    """What is due now, by task: how many, and since when."""
    due = DBTaskResult.objects.ready().order_by().values("task_path")
    counted = due.annotate(count=Count("pk"), since=Min("enqueued_at")).order_by("since")
    return [
        {"task": one["task_path"], "count": one["count"], "since": _moment(one["since"])} for one in counted
    ]


def _jobs() -> list[dict[str, Any]]:
    labels = {job.name: str(job.label) for job in jobs.declared()}
    found = Schedule.objects.filter(name__in=labels).order_by("name")
    return [
        {"name": labels[one.name], "last": _moment(one.last_at), "next": _moment(one.next_at)}
        for one in found
    ]


def _moment(moment: Any) -> str:
    return moment_words(moment) if moment else ""
