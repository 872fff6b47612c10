"""Faults of planned statements: what one request leaves on a connection for the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from victimcare import instances, planned
from victimcare.planned import Statement

TESTS = "tests/victimcare/test_planned.py"


def scope_is_kept() -> Any:
    """Django's own cursor puts the scope in front."""

    def plan(self: Statement, cursor: Any, names: dict[Any, str]) -> str:
        names[self.key] = name = "planned_with_scope"
        cursor.execute(f"PREPARE {name} AS {self._words()}")
        return name

    return mock.patch.object(Statement, "_plan", plan)


def kept_behind_a_pooler() -> Any:
    return mock.patch.object(planned, "may_keep", return_value=True)


@contextmanager
def constants_are_forgotten() -> Iterator[None]:
    made = Statement.__init__

    def init(self: Statement, sql: str, params: Any) -> None:
        made(self, sql, params)
        self.key = sql, ""

    with mock.patch.object(Statement, "__init__", init):
        yield


def failures_stay() -> Any:
    """What failed is asked again under the same name."""

    def send(self: Statement, cursor: Any, values: Any) -> None:
        names = planned.names_on(planned.connection) or {}
        name = names.get(self.key) or self._plan(cursor, names)
        cursor.execute(f"EXECUTE {name}{self._marks}", [values[one] for one in self.places])

    return mock.patch.object(Statement, "_send", send)


def joined_is_the_first_one() -> Any:
    """Whoever is joined to the first row is joined to all."""
    shared = instances._Columns.shared

    def first(self: Any, row: Any, made: Any) -> Any:
        return made.setdefault(self, shared(self, row, made))

    return mock.patch.object(instances._Columns, "shared", first)


FAULTS = [
    (
        "planned: the scope lies with what the database keeps",
        f"{TESTS}::test_what_the_database_keeps_says_neither_who_asked_first_nor_what",
        scope_is_kept,
    ),
    (
        "planned: statements are kept behind a pooler",
        f"{TESTS}::test_nothing_is_kept_behind_a_pooler_or_where_names_are_shown",
        kept_behind_a_pooler,
    ),
    (
        "planned: two constants share a plan",
        f"{TESTS}::test_two_that_differ_in_a_constant_alone_have_each_its_own_plan",
        constants_are_forgotten,
    ),
    (
        "planned: a plan that fails is used again",
        f"{TESTS}::test_after_a_migration_it_is_planned_anew",
        failures_stay,
    ),
    (
        "instances: what is joined to one row is joined to all",
        "tests/victimcare/test_instances.py::test_every_row_has_its_own_joined",
        joined_is_the_first_one,
    ),
]
