"""Reading changes nothing: no GET, HEAD or OPTIONS writes any table but the access log and what passes.

Else a link in a mail, a picture on another site or a browser that fetches ahead would act in a user's name.
"""

import random
from collections.abc import Iterator
from itertools import product

import pytest
from django.db import connection

from tests.matrix.asking import Asker, Question
from tests.matrix.sampling import STRANGERS
from tests.matrix.table import table

pytestmark = pytest.mark.django_db
SAFE = ("GET", "HEAD", "OPTIONS")
SOME = 4  # roles
# What a look leaves: its lines, which wait for their seal; the session; how often an address asked.
LEFT_BY_A_LOOK = frozenset({
    "victimcare_accessentry", "victimcare_unsealedentry", "victimcare_session", "victimcare_cache",
    "victimcare_tries",
})  # fmt: skip
# Counts of this transaction, also of what was rolled back to a savepoint.
WRITTEN = """
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND schemaname = 'public'
"""


def written() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return dict(cursor.fetchall())


def some_looks(asker: Asker, url: str, chance: random.Random) -> Iterator[Question]:
    """By some who have to do with an object of the page, and by some others; some by another method."""
    found = [one for role in table().roles for one in asker.questions(url, "GET", role)]
    known = [one for one in found if asker._relation(one)[0] not in STRANGERS]
    for questions in (known, found):
        yield from chance.sample(questions, min(SOME, len(questions)))
    for role in chance.sample(table().roles, SOME):
        yield from asker.questions(url, chance.choice(SAFE[1:]), role)[:1]


def all_looks(asker: Asker, url: str) -> Iterator[Question]:
    """By each role one of each kind of object, by each method."""
    for role, method in product(table().roles, SAFE):
        found = asker.questions(url, method, role)
        yield from {asker.kind(one): one for one in found}.values()


def changed(asker: Asker, question: Question) -> set[str]:
    """Tables that the question wrote and may not write."""
    before = written()
    asker.ask(question)
    return {name for name, rows in written().items() if rows > before.get(name, 0)} - LEFT_BY_A_LOOK


def writing(asker: Asker, questions: Iterator[Question]) -> dict[str, set[str]]:
    asked = ((str(one), changed(asker, one)) for one in questions)
    return {name: tables for name, tables in asked if tables}


@pytest.mark.parametrize("url", table().urls())
def test_a_look_changes_nothing(asker: Asker, url: str, chance: random.Random):
    assert writing(asker, some_looks(asker, url, chance)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("url", table().urls())
def test_no_look_at_any_kind_of_record_changes_anything(asker: Asker, url: str):
    assert writing(asker, all_looks(asker, url)) == {}


def test_a_write_is_noticed(asker: Asker):
    """Else nothing would be found because nothing can be."""
    step = Question("cases:hold", "POST", "caseworker", "case.mine")
    assert {"cases_case", "cases_historicalcase", "victimcare_step"} <= changed(asker, step)
