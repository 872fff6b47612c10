"""Whatever is sent, the product answers in words: never with 500 or above."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as trying

from tests.edges.hostile import ATTACKS, Attack, sent, told
from tests.matrix.asking import Asker
from victimcare.logs import described

pytestmark = pytest.mark.django_db
FEW, MANY = 1_000, 10_000

Figures = Callable[[Counter[int]], None]


def tried(asker: Asker, number: int, chosen: int, figures: Figures) -> None:
    """All that crashes, once for each place, rather than the first."""
    answers: Counter[int] = Counter()
    crashes: dict[str, str] = {}

    @seed(chosen)
    @trying(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(ATTACKS)
    def ask(attack: Attack) -> None:
        status, crash = answered(asker, attack)
        answers[status] += 1
        if status >= 500:
            crashes.setdefault(crash, told(attack))

    ask()
    figures(answers)
    assert crashes == {}
    assert sum(answers.values()) >= number


def answered(asker: Asker, attack: Attack) -> tuple[int, str]:
    """The status, and of a crash what and where. What the test client lets through, a server answers with
    500.
    """
    try:
        answer = sent(asker, attack)
    except Exception as error:  # whatever it is
        return 500, f"{type(error).__name__}: {described(error)}"
    crash = getattr(answer, "exc_info", None)
    return answer.status_code, f"{crash[0].__name__}: {crash[1]} {described(crash[1])}" if crash else ""


@pytest.fixture
def figures(record_property) -> Figures:
    return lambda answers: record_property("hostile", sorted(answers.items()))


@pytest.mark.parametrize("length", ["x", "-5", "1e3", "\u00b2"])
def test_a_length_that_is_no_number_is_none(client, length):
    """Where a form is read, and where it is refused."""
    client.handler.enforce_csrf_checks = True
    said = {"CONTENT_LENGTH": length, "HTTP_ORIGIN": "http://testserver"}
    for name in ("cases:intake", "account_login"):
        assert client.post(reverse(name), {"given_names": "Ximena"}, **said).status_code in (302, 403)


def test_a_thousand_malformed_requests(asker, figures, request):
    tried(asker, FEW, request.config.getoption("randomly_seed"), figures)


@pytest.mark.slow
def test_ten_thousand_malformed_requests(asker, figures, request):
    tried(asker, MANY, request.config.getoption("randomly_seed") + 1, figures)
