"""The attack of `make attack`, on fewer people: it reads an index of single names, and not what is stored."""

import pytest

from tests.attacks import names

PEOPLE = 20_000


@pytest.fixture(scope="module")
def known() -> names.People:
    return names.drawn(PEOPLE)


def test_less_than_one_in_a_hundred_names_is_read_out_of_a_dump(known: names.People) -> None:
    for attack in names.attacks(known):
        assert attack.recovered < names.MOST, str(attack)


def test_an_index_of_single_names_is_read(known: names.People) -> None:
    assert names.planted(known).recovered > names.LEAST_OF_PLANTED
