"""Without row security the application alone answers as the table says."""

import random
from collections.abc import Callable

import pytest

from tests.matrix.asking import Asker
from tests.matrix.sampling import drawn
from tests.matrix.table import table
from tests.matrix.test_matrix import assert_right

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wall2_off")]
URLS = table().urls()
FEW, MANY = 36, 1_050


@pytest.mark.parametrize("url", URLS)
def test_answers_are_as_the_table_says(
    asker: Asker, url: str, chance: random.Random, asked: Callable[[int], None]
):
    questions = drawn(asker, url, FEW, chance)
    asked(len(questions))
    assert_right(asker, questions)


@pytest.mark.slow
@pytest.mark.parametrize("url", URLS)
def test_many_answers_are_as_the_table_says(
    asker: Asker, url: str, chance: random.Random, asked: Callable[[int], None]
):
    questions = drawn(asker, url, MANY, chance)
    asked(len(questions))
    assert_right(asker, questions)
