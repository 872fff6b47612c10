"""What makes a page dearer, planted: for each, the guard's test that must turn red."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from tests.planted.plugin import sql

GUARD = "tests/benches/test_plans.py"
Fault = tuple[str, str, Callable[[], AbstractContextManager[Any]]]


def query_in_the_loop() -> AbstractContextManager[Any]:
    """Each line of the caseload asks for the name of its team."""
    from cases.views.rows import Row
    from victimcare.models import Team

    def number(row: Row) -> str:
        Team.objects.get(pk=row.case.team_id)
        return str(row.case.number)

    return mock.patch.object(Row, "number", property(number))


def index_dropped() -> AbstractContextManager[None]:
    return sql("DROP INDEX cases_note_case_id_77ee1e2a")


def longer_answer() -> AbstractContextManager[Any]:
    """Each line of the caseload carries as much again as it shows."""
    from cases.views.rows import Row

    return mock.patch.object(Row, "kinds", property(lambda row: "invented " * 20))


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
