"""What makes a page dearer, planted: for each, the guard's test that must turn red."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from tests.planted.plugin import sql

GUARD = "tests/benches/test_plans.py"
Fault = tuple[str, str, Callable[[], AbstractContextManager[Any]]]


@contextmanager
def query_in_the_loop() -> Iterator[None]:
    """Each line of the caseload asks for the name of its team."""
    from cases.views import rows
    from victimcare.models import Team

    row = rows.row_of

    def asked(case: Any) -> Any:
        Team.objects.get(pk=case.team_id)
        return row(case)

    with mock.patch.object(rows, "row_of", asked):
        yield


def index_dropped() -> AbstractContextManager[None]:
    return sql("DROP INDEX cases_note_case_id_77ee1e2a")


@contextmanager
def longer_answer() -> Iterator[None]:
    """Each line of the caseload carries as much again as it shows."""
    from dataclasses import replace

    from cases.views import rows

    row = rows.row_of
    with mock.patch.object(rows, "row_of", lambda case: replace(row(case), kinds="invented " * 20)):
        yield


FAULTS: list[Fault] = [
    ("budgets: a query in a loop", f"{GUARD}::test_budget_of[cases:caseload 200]", query_in_the_loop),
    (
        "budgets: one more query a row",
        f"{GUARD}::test_questions_of_one_row_and_of_fifty[cases:caseload 200-0]",
        query_in_the_loop,
    ),
    ("budgets: an index is gone", f"{GUARD}::test_budget_of[cases:case 200]", index_dropped),
    ("budgets: a longer answer", f"{GUARD}::test_budget_of[cases:caseload 200]", longer_answer),
]
