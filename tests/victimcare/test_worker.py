"""A task is done once or tried again, is never lost, and says of a failure what failed and where."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from tests.factories import World
from tests.victimcare.workers import long_claimed, run_all, wait_over, worker
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
    long_claimed()
    run_all("another")
    row.refresh_from_db()
    assert (row.status, row.worker_ids, effects()) == ("SUCCESSFUL", ["dead", "another"], 1)


def test_a_task_that_kills_its_workers_does_not_come_back_for_ever(world: World, no_jobs: None) -> None:
    row = enqueued(world.caseworker)
    with acting.as_job("queue"):
        for _ in range(3):
            assert queue.claim(DBTaskResult.objects.ready(), "dead") is not None
            long_claimed()
            queue.take_back()
        assert queue.claim(DBTaskResult.objects.ready(), "dead") is None
    row.refresh_from_db()
    assert (row.status, row.exception_class_path) == ("FAILED", queue.STOPPED)


def test_a_worker_leaves_alone_what_another_one_took_over(world: World, no_jobs: None) -> None:
    row = enqueued(world.caseworker)
    with acting.as_job("queue"):
        slow = queue.claim(DBTaskResult.objects.ready(), "slow")
        long_claimed()
        queue.take_back()
        run_all("quick")
        worker("slow").run_task(slow)  # type: ignore[arg-type]  # it was claimed
    row.refresh_from_db()
    assert (row.status, row.worker_ids, effects()) == ("SUCCESSFUL", ["slow", "quick"], 1)


def test_what_was_claimed_just_now_is_left_to_who_claimed_it(world: World, no_jobs: None) -> None:
    """Between the claim and the lock nobody holds it; no attempt is spent on what never ran. The clock is the
    database's: that of this machine may be wrong by hours.
    """
    row = enqueued(world.caseworker)
    wrong = timezone.now() - timedelta(hours=5)
    with acting.as_job("queue"):
        with patch("django_tasks_db.models.timezone.now", lambda: wrong):
            mine = queue.claim(DBTaskResult.objects.all(), "mine")
        assert queue.take_back() == 0
        worker("mine").run_task(mine)  # type: ignore[arg-type]  # it was claimed
    row.refresh_from_db()
    assert (row.status, row.worker_ids, effects()) == ("SUCCESSFUL", ["mine"], 1)


@pytest.mark.parametrize("away", [OperationalError, InterfaceError])
def test_a_database_that_is_away_for_a_while_is_waited_for(
    world: World, no_jobs: None, away: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    patient, slept = worker(), []
    patient.batch, patient.interval, patient.max_tasks = False, 3, 1
    row, step, answers = enqueued(world.caseworker), patient.step, [away("Zuleika Canary"), None]

    def stepped() -> bool:
        if error := answers.pop(0):
            raise error
        return step()

    with (
        acting.as_job("queue"),
        patch.object(patient, "step", stepped),
        patch("victimcare.worker.connection.close") as closed,
        patch("victimcare.worker.time.sleep", slept.append),
    ):
        patient.run()
    row.refresh_from_db()
    assert (row.status, slept, closed.called) == ("SUCCESSFUL", [3], True)
    assert f"{away.__name__} at " in caplog.text
    assert "Canary" not in caplog.text


def test_a_worker_for_one_batch_does_not_wait_for_a_database(db: None, no_jobs: None) -> None:
    hasty = worker()
    broken = patch.object(hasty, "step", side_effect=OperationalError)
    with acting.as_job("queue"), broken, pytest.raises(OperationalError):
        hasty.run()


def test_a_task_that_no_version_has_any_more_has_failed(world: World, no_jobs: None) -> None:
    row = enqueued(world.caseworker)
    DBTaskResult.objects.filter(pk=row.pk).update(task_path="cases.tasks.gone")
    run_all()
    row.refresh_from_db()
    assert row.status == "FAILED"


def test_what_succeeded_long_ago_goes_and_what_failed_much_later(world: World, no_jobs: None) -> None:
    for status in ("SUCCESSFUL", "FAILED"):
        row = enqueued(world.caseworker)
        DBTaskResult.objects.filter(pk=row.pk).update(status=status, finished_at=NOON)
    with acting.as_job("queue"):
        queue.clear(NOON + timedelta(days=6))
        assert DBTaskResult.objects.count() == 2
        queue.clear(NOON + timedelta(days=8))
        assert list(DBTaskResult.objects.values_list("status", flat=True)) == ["FAILED"]
        queue.clear(NOON + timedelta(days=89))
        assert DBTaskResult.objects.count() == 1
        queue.clear(NOON + timedelta(days=91))
    assert not DBTaskResult.objects.exists()


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


def test_a_job_is_not_started_again_while_its_last_task_waits_or_runs(no_jobs: None, db: None) -> None:
    jobs.declare("hourly", "Hourly", told, every=timedelta(hours=1))
    with acting.as_job("queue"):
        jobs.settle(NOON)
        counted = []
        for hour, status in enumerate(("READY", "RUNNING", "SUCCESSFUL", "FAILED")):
            jobs.start_due(NOON + timedelta(hours=hour))
            counted.append(DBTaskResult.objects.count())
            DBTaskResult.objects.update(status=status)
        jobs.start_due(NOON + timedelta(hours=4))
        assert [*counted, DBTaskResult.objects.count()] == [1, 1, 1, 2, 3]
    row = Schedule.objects.get()
    assert (row.next_at, row.last_at) == (NOON + timedelta(hours=5), NOON + timedelta(hours=4))


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
