"""The world of the matrix, built once a module and rolled back at its end."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.conftest import owner
from tests.matrix import world
from tests.matrix.asking import Asker
from victimcare.encryption import keyring


@pytest.fixture(scope="module")
def asker(django_db_setup: None, django_db_blocker: Any) -> Iterator[Asker]:
    with django_db_blocker.unblock(), keyring.held(), transaction.atomic():
        yield Asker(world.build())
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _signed_in_anew(request: pytest.FixtureRequest) -> None:
    if "asker" in request.fixturenames:
        request.getfixturevalue("asker").renewed.clear()


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The seed of this run: pytest prints it, and `-p randomly --randomly-seed=…` repeats it."""
    return random.Random(f"{request.config.getoption('randomly_seed')} {request.node.name}")


@pytest.fixture
def asked(record_property: Callable[[str, object], None]) -> Callable[[int], None]:
    """`asked(number)`: how many questions the test asks, for the figures at the end of the run."""
    return lambda number: record_property("asked", number)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much was asked. Not told where the tests are shared among several processes."""
    reports = [one for found in ("passed", "failed") for one in terminalreporter.stats.get(found, ())]
    asked = sum(value for one in reports for name, value in one.user_properties if name == "asked")
    if asked:
        terminalreporter.write_line(f"Access matrix: {asked} requests.")


@pytest.fixture
def wall2_off(asker: Asker) -> Iterator[None]:
    """Without row security: the connection acts as the owner for this test."""
    with owner():
        yield
