"""Every role at every address by every method, against expectations.txt (see docs/testing.md)."""

import random
from collections.abc import Callable, Iterable

import pytest

from tests.matrix.asking import Asker, Question, addresses
from tests.matrix.sampling import drawn, everything, floor, kinds
from tests.matrix.table import table

pytestmark = pytest.mark.django_db
URLS = table().urls()
ROLES = table().roles
MANY = 55_000
SHOWN = 20

Asked = Callable[[int], None]


def test_every_address_has_an_entry():
    assert sorted(set(addresses()) - set(URLS)) == []


def test_every_entry_has_an_address():
    assert sorted(set(URLS) - set(addresses())) == []
    assert len(URLS) == len(set(URLS))


def test_no_word_of_the_table_means_two_things():
    """A relation that is called like a role would let that role in everywhere."""
    relations = {clause.value for _names, clauses in table().relations for clause in clauses}
    words = [*ROLES, *table().groups, *relations]
    assert sorted(word for word in set(words) if words.count(word) > 1) == []


def test_there_are_at_least_twelve_roles_and_five_thousand_questions(asker: Asker):
    assert len(ROLES) >= 12
    assert set(asker.world.people) == set(ROLES)
    assert sum(len(floor(asker, url, random.Random(1))) for url in URLS) >= 5_000


def test_every_word_of_a_case_is_found_on_its_page(asker: Asker):
    """Else the search for words would find nothing because there is nothing."""
    questions = [
        Question("cases:case", "GET", "caseworker", "case.mine"),
        Question("cases:notes", "GET", "caseworker", "case.mine"),
        Question("cases:ties", "GET", "caseworker", "case.mine"),
        Question("cases:consent_withdraw", "GET", "caseworker", "case.mine", "own"),
    ]
    shown = set().union(*(asker.traces(asker.ask(question)) for question in questions))
    parts = ("identity", "contact", "incident", "risk", "substance", "counselling", "work")
    assert set(asker.world.canaries.words_of("case.mine", *parts)) - shown == set()


@pytest.mark.parametrize("url", URLS)
def test_answers_are_as_the_table_says(asker: Asker, url: str, chance: random.Random, asked: Asked):
    questions = floor(asker, url, chance)
    asked(len(questions))
    assert_right(asker, questions)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("url", URLS)
def test_every_kind_of_question(asker: Asker, url: str, role: str, chance: random.Random, asked: Asked):
    """Whatever the table tells apart is asked once."""
    questions = kinds(asker, url, role, chance)
    asked(len(questions))
    assert_right(asker, questions)


@pytest.mark.slow
@pytest.mark.parametrize("url", URLS)
def test_many_answers_are_as_the_table_says(
    asker: Asker, url: str, chance: random.Random, asked: Asked, share: float
):
    """With the tests above over a hundred thousand: each address its share of all that could be asked."""
    questions = drawn(asker, url, round(len(everything(asker, url)) * share) + 1, chance)
    asked(len(questions))
    assert_right(asker, questions)


@pytest.fixture(scope="module")
def share(asker: Asker) -> float:
    return min(1.0, MANY / sum(len(everything(asker, url)) for url in URLS))


def assert_right(asker: Asker, questions: Iterable[Question]) -> None:
    wrong = [one for question in questions for one in asker.wrong(question)]
    assert not wrong, "\n".join([f"{len(wrong)} wrong", *map(str, wrong[:SHOWN])])
