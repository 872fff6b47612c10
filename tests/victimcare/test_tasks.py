"""A task is a row of the same transaction as the fact that caused it."""

from contextlib import suppress

import pytest
from django.db import connection, transaction
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from referrals import tasks
from tests.victimcare.workers import worker
from victimcare import acting
from victimcare.logs import LineFormatter


class Undone(Exception):
    """Ends a transaction of these tests."""


def test_task_goes_with_the_fact_that_caused_it(db):
    with suppress(Undone), transaction.atomic():
        tasks.flag_lapsed.enqueue([])
        assert DBTaskResult.objects.count() == 1
        raise Undone
    assert DBTaskResult.objects.count() == 0


@task()
def fail(words: str) -> None:
    """The database's own message holds the row that it refused."""
    with acting.as_job("counting"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO victimcare_cache (cache_key, value, expires) VALUES (%s, %s, NULL)", [words, words]
        )


@task()
def fail_in_turn(words: str) -> None:
    try:
        raise ValueError(words)
    except ValueError as error:
        raise RuntimeError(words) from error


@pytest.mark.parametrize(("failing", "kind"), [(fail, "IntegrityError"), (fail_in_turn, "RuntimeError")])
def test_a_failed_task_leaves_type_and_place_and_no_words(db, failing, kind, caplog):
    failing.enqueue("Zuleika Canary")
    row = DBTaskResult.objects.get()
    with acting.as_job("queue"):
        row.claim("test")
        worker().run_task(row)
    row.refresh_from_db()
    assert row.exception_class_path == kind
    lines = "\n".join(LineFormatter().format(record) for record in caplog.records)
    for said in (row.traceback, lines):
        assert f"{kind} at /" in said
        assert f"{__file__}:" in said
        assert "Canary" not in said
