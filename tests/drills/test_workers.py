"""The drill of killed workers, short. `make drill-worker` is the long one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection
from django.utils import timezone

from tests.drills.conftest import _url
from victimcare import acting, jobs

KILLS = "4"


def test_no_task_is_lost_and_none_is_done_twice(drill: Callable[..., Any]) -> None:
    made = drill("worked", role="owner")
    assert made.returncode == 0, made.stderr
    done = drill("workers", KILLS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_job_that_another_worker_starts_is_left_alone(db: str, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), acting.as_job("queue"), other_session(db) as other:
        jobs.settle(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        other.execute("SELECT FROM victimcare_schedule FOR UPDATE")
        assert jobs.start_due(timezone.now()) == 0
        other.connection.rollback()
        assert jobs.start_due(timezone.now()) > 0


@contextmanager
def other_session(database: str) -> Iterator[Any]:
    session = psycopg2.connect(_url("DATABASE_OWNER_URL", database))
    try:
        with session.cursor() as cursor:
            yield cursor
    finally:
        session.close()
