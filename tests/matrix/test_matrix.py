"""Every role at every address by every method, against expectations.txt."""

import random

import pytest

from tests.matrix.asking import Asker, addresses, sampled
from tests.matrix.table import table

pytestmark = pytest.mark.django_db
URLS = table().urls()
SHOWN = 20


def test_every_address_has_an_entry():
    assert sorted(set(addresses()) - set(URLS)) == []


def test_every_entry_has_an_address():
    assert sorted(set(URLS) - set(addresses())) == []
    assert len(URLS) == len(set(URLS))


def test_there_are_at_least_twelve_roles(asker: Asker):
    assert len(asker.world.people) >= 12


@pytest.mark.parametrize("url", URLS)
def test_answers_are_as_the_table_says(asker: Asker, url: str, chance: random.Random):
    assert_right(asker, url, chance, number=0)


def assert_right(asker: Asker, url: str, chance: random.Random, number: int) -> None:
    wrong = [one for question in sampled(asker, url, number, chance) for one in asker.wrong(question)]
    assert not wrong, "\n".join([f"{len(wrong)} wrong", *map(str, wrong[:SHOWN])])
