"""Every answer carries the headers that keep it out of caches, frames and the hands of other sites; a title,
which stands in the browser's history and on a shared screen, names nothing; each form can be sent.
"""

import random

import pytest

from tests.edges.headers import missing, telling, unguarded
from tests.matrix.asking import Asker, Question
from tests.matrix.table import table

pytestmark = pytest.mark.django_db
SOME = 1  # role by each method
SEEN = 3  # pages
ROLES = ("nobody", "caseworker", "supervisor", "provider", "practitioner", "officer", "auditor", "admin")


@pytest.mark.parametrize("url", table().urls())
def test_every_address_answers_with_the_headers(asker: Asker, url: str, chance: random.Random):
    """Whatever it answers: some roles by each method."""
    methods = ("GET", "HEAD", "OPTIONS", "POST", "FILLED", "PUT")
    asking = [(method, role) for method in methods for role in chance.sample(table().roles, SOME)]
    found = [asker.questions(url, method, role) for method, role in asking]
    drawn = [chance.choice(questions) for questions in found if questions]
    answers = [(str(one), asker.ask(one)) for one in drawn]
    assert {name: lacks for name, answer in answers if (lacks := missing(answer))} == {}


@pytest.mark.parametrize("url", table().urls())
def test_no_title_names_anything_and_every_form_has_its_token(asker: Asker, url: str, chance: random.Random):
    """Of a page as some roles see it that see it."""
    seen = [one for role in ROLES for one in asker.questions(url, "GET", role) if _is_page(asker, one)]
    answers = [(str(one), asker.ask(one)) for one in chance.sample(seen, min(SEEN, len(seen)))]
    assert {name: tells for name, answer in answers if (tells := telling(answer) + unguarded(answer))} == {}


def _is_page(asker: Asker, question: Question) -> bool:
    relation, marks = asker._relation(question)
    return table().expected(question.url, "GET", question.role, relation, marks) == 200
