"""Reading changes nothing: no GET, HEAD or OPTIONS writes any table but the access log and what passes.

Else a link in a mail, a picture on another site or a browser that fetches ahead would act in a user's name.
"""

import random
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.matrix.asking import Asker, Question
from tests.matrix.sampling import STRANGERS
from tests.matrix.table import table

pytestmark = pytest.mark.django_db
SAFE = ("GET", "HEAD", "OPTIONS")
SOME = 5  # roles
# What a look leaves: its lines, which wait for their seal; the session; how often an address asked.
LEFT_BY_A_LOOK = frozenset({
    "victimcare_accessentry", "victimcare_unsealedentry", "django_session", "victimcare_cache",
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


def looks(asker: Asker, url: str, chance: random.Random, *, every_kind: bool = False) -> Iterator[Question]:
    """By each role one of each kind of object that it has to do with, else one; some by another method."""
    some = chance.sample(table().roles, SOME)
    for role in table().roles:
        found = asker.questions(url, "GET", role)
        chance.shuffle(found)
        kinds = list({asker.kind(one): one for one in found}.values())
        known = [one for one in kinds if asker._relation(one)[0] not in STRANGERS]
        yield from kinds if every_kind else known or kinds[:1]
        if role in some:
            yield from asker.questions(url, chance.choice(SAFE[1:]), role)[:1]


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
    assert writing(asker, looks(asker, url, chance)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("url", table().urls())
def test_no_look_at_any_kind_of_record_changes_anything(asker: Asker, url: str, chance: random.Random):
    assert writing(asker, looks(asker, url, chance, every_kind=True)) == {}


def test_a_write_is_noticed(asker: Asker):
    """Else nothing would be found because nothing can be."""
    step = Question("cases:hold", "POST", "caseworker", "case.mine")
    assert {"cases_case", "cases_historicalcase", "victimcare_step"} <= changed(asker, step)
