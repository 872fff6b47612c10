"""A task is done once or tried again, is never lost, and says of a failure what failed and where."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from tests.factories import World
from tests.victimcare.workers import run_all, wait_over, worker
from victimcare import acting, jobs, queue
from victimcare.background import LONGEST_WAIT
from victimcare.models import Notification, Schedule, User

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@task(attempts=3, first_wait=timedelta(minutes=1))
def told(user_id: str, fails: bool) -> None:
    """Leaves a row, then fails if it is told to."""
    row = Notification(recipient_id=user_id, kind="drill", link="/cases/")
    Notification.objects.bulk_create([row])
    if fails:
        raise ValueError("Zuleika Canary")


@pytest.fixture
def no_jobs() -> Iterator[None]:
    with patch.object(jobs, "_jobs", {}):
        yield


def enqueued(user: User, *, fails: bool = False) -> DBTaskResult:
    with acting.as_user(user):
        made = told.enqueue(str(user.pk), fails)
    return DBTaskResult.objects.get(pk=made.id)


def effects() -> int:
    return Notification.objects.filter(kind="drill").count()


def test_a_task_is_done_and_noted_as_done(world: World, no_jobs: None) -> None:
    row = enqueued(world.caseworker)
    run_all()
    row.refresh_from_db()
    assert (row.status, effects()) == ("SUCCESSFUL", 1)


def test_of_a_task_that_fails_nothing_is_left_and_it_waits_twice_as_long_each_time(
    world: World, no_jobs: None
) -> None:
    row, waits = enqueued(world.caseworker, fails=True), []
    for _ in range(2):
        run_all()
        row.refresh_from_db()
        assert (row.status, effects()) == ("READY", 0)
        waits.append(row.run_after - row.finished_at)
        wait_over(row, timezone.now())
    assert [round(wait.total_seconds()) for wait in waits] == [60, 120]
    run_all()
    row.refresh_from_db()
    assert (row.status, len(row.worker_ids)) == ("FAILED", 3)
    run_all()
    row.refresh_from_db()
    assert len(row.worker_ids) == 3


def test_what_is_kept_of_a_failure_is_its_type_and_place(world: World, no_jobs: None) -> None:
    row = enqueued(world.caseworker, fails=True)
    run_all()
    row.refresh_from_db()
    assert row.exception_class_path == "ValueError"
    assert row.traceback.startswith("ValueError at /")
    assert "Canary" not in f"{row.traceback}{row.exception_class_path}{row.return_value}"


def test_no_wait_is_longer_than_the_longest() -> None:
    patient = replace(told, attempts=100)
    assert patient.wait_after(99) == LONGEST_WAIT
    assert patient.wait_after(100) is None


def test_a_task_of_a_worker_that_is_gone_is_run_by_another_one(world: World, no_jobs: None) -> None:
    row = enqueued(world.caseworker)
    with acting.as_job("queue"):
        assert queue.claim(DBTaskResult.objects.ready(), "dead") is not None
    run_all("another")
    row.refresh_from_db()
    assert (row.status, row.worker_ids, effects()) == ("SUCCESSFUL", ["dead", "another"], 1)


def test_a_task_that_kills_its_workers_does_not_come_back_for_ever(world: World, no_jobs: None) -> None:
    row = enqueued(world.caseworker)
    with acting.as_job("queue"):
        for _ in range(3):
            assert queue.claim(DBTaskResult.objects.ready(), "dead") is not None
            queue.take_back()
        assert queue.claim(DBTaskResult.objects.ready(), "dead") is None
    row.refresh_from_db()
    assert (row.status, row.exception_class_path) == ("FAILED", queue.STOPPED)


def test_a_worker_leaves_alone_what_another_one_took_over(world: World, no_jobs: None) -> None:
    row = enqueued(world.caseworker)
    with acting.as_job("queue"):
        slow = queue.claim(DBTaskResult.objects.ready(), "slow")
        queue.take_back()
        run_all("quick")
        worker("slow").run_task(slow)  # type: ignore[arg-type]  # it was claimed
    row.refresh_from_db()
    assert (row.status, row.worker_ids, effects()) == ("SUCCESSFUL", ["slow", "quick"], 1)


def test_a_task_that_no_version_has_any_more_has_failed(world: World, no_jobs: None) -> None:
    row = enqueued(world.caseworker)
    DBTaskResult.objects.filter(pk=row.pk).update(task_path="cases.tasks.gone")
    run_all()
    row.refresh_from_db()
    assert row.status == "FAILED"


def test_what_succeeded_long_ago_goes_and_what_failed_stays(world: World, no_jobs: None) -> None:
    for status in ("SUCCESSFUL", "FAILED"):
        row = enqueued(world.caseworker)
        DBTaskResult.objects.filter(pk=row.pk).update(status=status, finished_at=NOON)
    with acting.as_job("queue"):
        queue.clear(NOON + timedelta(days=6))
        assert DBTaskResult.objects.count() == 2
        queue.clear(NOON + timedelta(days=8))
    assert list(DBTaskResult.objects.values_list("status", flat=True)) == ["FAILED"]


# -- Periodic jobs -------------------------------------------------------------------------------------------


@pytest.fixture
def hourly(no_jobs: None, db: None) -> Iterator[None]:
    jobs.declare("hourly", "Hourly", told, every=timedelta(hours=1))
    with acting.as_job("queue"), patch.object(told.__class__, "enqueue", _count):
        _count.times = 0  # type: ignore[attr-defined]
        jobs.settle(NOON)
        yield


def _count(self: Any, *args: Any, **kwargs: Any) -> None:
    _count.times += 1  # type: ignore[attr-defined]


def started(now: datetime) -> int:
    return jobs.start_due(now)


def test_a_job_runs_when_it_is_due_and_not_before(hourly: None) -> None:
    minutes = [timedelta(minutes=minute) for minute in (0, 1, 59, 60, 61)]
    assert [started(NOON + minute) for minute in minutes] == [1, 0, 0, 1, 0]


def test_runs_that_were_missed_are_made_up_for_once_and_in_step(hourly: None) -> None:
    assert started(NOON) == 1
    assert started(NOON + timedelta(hours=5, minutes=20)) == 1
    assert Schedule.objects.get().next_at == NOON + timedelta(hours=6)


def test_settling_again_changes_nothing(hourly: None) -> None:
    started(NOON)
    jobs.settle(NOON + timedelta(minutes=5))
    assert Schedule.objects.get().next_at == NOON + timedelta(hours=1)


def test_a_daily_job_first_runs_at_its_hour(no_jobs: None) -> None:
    early = jobs.Job("early", "Early", told, jobs.DAY, NOON.time().replace(hour=11))
    assert early.first_run(NOON) == NOON.replace(day=5, hour=11)
    assert early.first_run(NOON.replace(hour=3)) == NOON.replace(hour=11)


def test_each_declared_job_runs(db: None) -> None:
    """With an empty database: all end well, and in the end nothing waits but what comes later."""
    with acting.as_job("queue"):
        jobs.settle(NOON)
        assert jobs.start_due(timezone.now()) == len(jobs.declared())
    run_all()
    assert set(DBTaskResult.objects.values_list("status", "exception_class_path")) == {("SUCCESSFUL", "")}
