"""A task is a row of the same transaction as the fact that caused it."""

from contextlib import suppress

from django.db import transaction
from django_tasks_db.models import DBTaskResult

from referrals import tasks


class Undone(Exception):
    """Ends a transaction of these tests."""


def test_task_goes_with_the_fact_that_caused_it(db):
    with suppress(Undone), transaction.atomic():
        tasks.flag_lapsed.enqueue([])
        assert DBTaskResult.objects.count() == 1
        raise Undone
    assert DBTaskResult.objects.count() == 0
