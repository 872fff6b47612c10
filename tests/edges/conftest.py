"""The edges are asked at every address, about the world of the matrix."""

from collections import Counter

import pytest

from tests.matrix.conftest import asker, chance

__all__ = ["asker", "chance"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What malformed requests were answered. Not told where the tests are shared among several processes."""
    reports = [one for found in ("passed", "failed") for one in terminalreporter.stats.get(found, ())]
    told = [value for one in reports for name, value in one.user_properties if name == "hostile"]
    answers = sum((Counter(dict(value)) for value in told), Counter())
    if answers:
        each = ", ".join(f"{number} with {status}" for status, number in sorted(answers.items()))
        terminalreporter.write_line(f"Malformed requests: {answers.total()} answered, {each}.")
