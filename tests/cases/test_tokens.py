"""What a search finds people by, and that the stored tokens give nothing away."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import tokens
from cases.models import Person
from cases.tokens import Clues, Likeness, words_of
from tests import factories
from tests.factories import World


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("María de los Ángeles", ["maria", "angeles"]),
        ("DA SILVA dos Santos", ["silva", "santos"]),
        ("O'Higgins", ["ohiggins"]),
        ("Núñez-Ávila", ["nunez", "avila"]),
        ("De la", ["de", "la"]),
        ("", []),
    ],
)
def test_words_of_a_name(name: str, words: list[str]) -> None:
    assert words_of(name) == words


def shared(world: World, kept: Clues, asked: Clues) -> set[Likeness]:
    stored = tokens.tokens(kept, world.agency)
    return {likeness for token, likeness in tokens.tokens(asked, world.agency).items() if token in stored}


def born(year: int, given: str = "Ximena", surnames: str = "Quispe Mamani") -> Clues:
    return Clues(given, surnames, frozenset({year}))


def test_a_name_alone_has_no_token(world: World) -> None:
    assert tokens.tokens(Clues("Ximena", "Quispe"), world.agency) == {}


def test_swapped_names_and_one_of_two_surnames_are_found(world: World) -> None:
    assert Likeness.NAME_AND_YEAR in shared(world, born(1990), born(1990, "Mamani", "Ximena"))


@pytest.mark.parametrize("given", ["Ximenna", "Ximna", "Xinena", "XIMÉNA"])
def test_one_wrong_letter_is_found(world: World, given: str) -> None:
    assert shared(world, born(1990), born(1990, given))


def test_another_year_of_birth_is_somebody_else(world: World) -> None:
    assert not shared(world, born(1990), born(1991))


@pytest.mark.parametrize("typed", ["11 2345-6789", "+54 11 2345 6789", "011 2345 6789"])
def test_a_telephone_is_found_however_it_is_written(world: World, typed: str) -> None:
    kept = Clues(reached_at=("+541123456789",))
    assert shared(world, kept, Clues(reached_at=(typed,))) == {Likeness.PHONE}


def test_identity_number_and_e_mail_are_found_however_they_are_written(world: World) -> None:
    kept = Clues(identity_number="20.123.456", reached_at=("Somebody@Example.org",))
    asked = Clues(identity_number="20123456", reached_at=(" somebody@example.org",))
    assert shared(world, kept, asked) == {Likeness.IDENTITY_NUMBER, Likeness.EMAIL}


def test_tokens_of_two_organisations_cannot_be_compared(world: World) -> None:
    clues = Clues("Ximena", "Quispe", frozenset({1990}), "20123456", ("+541123456789",))
    assert not tokens.tokens(clues, world.agency).keys() & tokens.tokens(clues, world.shelter).keys()


@pytest.mark.parametrize(
    ("age", "years"),
    [
        ({"from": 20, "to": 20, "on": "2020-05-01"}, [1999, 2000]),
        ({"from": 18, "to": 24, "on": "2020"}, []),
        (None, []),
    ],
)
def test_years_of_birth_that_an_age_leaves_open(age: dict[str, object] | None, years: list[int]) -> None:
    assert list(tokens.years_of(Person(age=age))) == years


def test_tokens_follow_what_is_known(world: World) -> None:
    served = factories.person(world.agency, identity_number="20123456")
    tokens.keep(served)
    before = set(served.tokens.values_list("token", flat=True))
    served.identity_number = "20999999"
    served.save()
    tokens.keep(served)
    after = set(served.tokens.values_list("token", flat=True))
    assert len(before) == len(after) == 1
    assert not {bytes(token) for token in before} & {bytes(token) for token in after}


def test_two_changes_at_once_wait_for_each_other(world: World) -> None:
    """The person is locked before the contacts are read: else one would bring back what the other took."""
    served = factories.person(world.agency)
    with CaptureQueriesContext(connection) as asked:
        tokens.keep(served)
    assert "FOR NO KEY UPDATE" in asked.captured_queries[0]["sql"]
