"""Planted faults of background work: (name, the test that must turn red, what plants it)."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

from tests.drills.plants import VARIABLE, WORKER_PLANTS, _without_locks

Fault = tuple[str, str, Callable[[], AbstractContextManager[Any]]]
TESTS = "tests/victimcare/test_worker.py::test_"
FAILS = f"{TESTS}of_a_task_that_fails_nothing_is_left_and_it_waits_twice_as_long_each_time"
DRILL = "tests/drills/test_workers.py::test_no_task_is_lost_and_none_is_done_twice"


def what_failed_stays() -> AbstractContextManager[Any]:
    def attempt(row: Any) -> Exception | None:
        try:
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        except Exception as error:  # as the worker does
            return error
        return None

    return patch("victimcare.worker._attempt", attempt)


def a_failure_is_forgotten() -> AbstractContextManager[Any]:
    from victimcare import queue

    return patch("victimcare.queue.note_failure", lambda row, error: queue.note_success(row))


def tried_for_ever() -> AbstractContextManager[Any]:
    return patch(
        "victimcare.background.DiscreetTask.wait_after",
        lambda self, attempt: self.first_wait * 2 ** (attempt - 1),
    )


def words_are_kept() -> AbstractContextManager[Any]:
    return patch("victimcare.background.described", str)


def never_taken_back() -> AbstractContextManager[Any]:
    return patch("victimcare.queue.take_back", lambda: 0)


def taken_back_at_once() -> AbstractContextManager[Any]:
    return patch("victimcare.queue.TIME_TO_HOLD", -timedelta(days=1))


def ends_with_the_database() -> AbstractContextManager[Any]:
    from victimcare.worker import Worker

    return patch("victimcare.worker.Worker._works", Worker.step)


def started_behind_itself() -> AbstractContextManager[Any]:
    return patch("victimcare.jobs._is_under_way", lambda job: False)


def runs_what_another_took_over() -> AbstractContextManager[Any]:
    from django_tasks_db.models import DBTaskResult

    return patch("victimcare.queue.hold", lambda task_id, worker_id: DBTaskResult.objects.get(pk=task_id))


def a_job_is_due_again() -> AbstractContextManager[Any]:
    return patch("victimcare.jobs.Job.run_after", lambda self, due, now: due + timedelta(minutes=5))


def arguments_are_shown() -> AbstractContextManager[Any]:
    from victimcare.work import listing

    real = listing._row
    return patch("victimcare.work.listing._row", lambda one: real(one) | {"error": str(one.args_kwargs)})


FAULTS: list[Fault] = [
    ("what a failed task did stays", FAILS, what_failed_stays),
    ("a failed task is forgotten", FAILS, a_failure_is_forgotten),
    ("a failed task is tried for ever", FAILS, tried_for_ever),
    ("the words of an error are kept", f"{TESTS}what_is_kept_of_a_failure_is_its_type_and_place",
     words_are_kept),
    ("a dead worker's task is never taken back",
     f"{TESTS}a_task_of_a_worker_that_is_gone_is_run_by_another_one", never_taken_back),
    ("a task is taken from who claimed it just now",
     f"{TESTS}what_was_claimed_just_now_is_left_to_who_claimed_it", taken_back_at_once),
    ("a worker ends when the database is away for a while",
     f"{TESTS}a_database_that_is_away_for_a_while_is_waited_for[OperationalError]", ends_with_the_database),
    ("a job is started behind its own last task",
     f"{TESTS}a_job_is_not_started_again_while_its_last_task_waits_or_runs", started_behind_itself),
    ("a worker runs what another one took over",
     f"{TESTS}a_worker_leaves_alone_what_another_one_took_over", runs_what_another_took_over),
    ("a missed job is made up for many times",
     f"{TESTS}runs_that_were_missed_are_made_up_for_once_and_in_step", a_job_is_due_again),
    ("two workers start one job",
     "tests/drills/test_workers.py::test_a_job_that_another_worker_starts_is_left_alone", _without_locks),
    ("a task's arguments are shown",
     "tests/victimcare/test_work.py::test_it_says_what_failed_where_and_how_often_and_not_with_what",
     arguments_are_shown),
    *((name, DRILL, partial(patch.dict, os.environ, {VARIABLE: name})) for name in WORKER_PLANTS),
]  # fmt: skip
