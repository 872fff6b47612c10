"""The application forgets every filter and permission: the database still shows nobody a stranger's record.

Whatever is answered, a crash too, no word, number or id stands in it that the table does not let this role
read. What only a column keeps back (`column` in the table) is the application's alone, and is not asked here.
"""

import random
from collections.abc import Callable

import pytest

from tests.matrix.asking import Asker, Wrong
from tests.matrix.sampling import drawn
from tests.matrix.table import table
from tests.matrix.walls import wall1_off

pytestmark = pytest.mark.django_db
URLS = table().urls()
DOING = ("GET", "POST", "FILLED")
FEW, MANY = 36, 1_050
SHOWN = 20


@pytest.mark.parametrize("url", URLS)
def test_no_stranger_is_shown(asker: Asker, url: str, chance: random.Random, asked: Callable[[int], None]):
    assert_nothing_leaks(asker, url, FEW, chance, asked)


@pytest.mark.slow
@pytest.mark.parametrize("url", URLS)
def test_no_stranger_is_shown_many_times(
    asker: Asker, url: str, chance: random.Random, asked: Callable[[int], None]
):
    assert_nothing_leaks(asker, url, MANY, chance, asked)


def assert_nothing_leaks(
    asker: Asker, url: str, number: int, chance: random.Random, asked: Callable[[int], None]
) -> None:
    questions = drawn(asker, url, number, chance, DOING)
    asked(len(questions))
    with wall1_off(asker.world):
        answers = [(question, asker.ask(question)) for question in questions]
    rows = asker.world.behind_rows()
    leaks: list[Wrong] = [one for question, answer in answers for one in asker.leaks(question, answer, rows)]
    assert not leaks, "\n".join([f"{len(leaks)} of {len(questions)} leak", *map(str, leaks[:SHOWN])])
