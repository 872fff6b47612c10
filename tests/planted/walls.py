"""Holes in the second wall, in the database in which its tests ask as the application's role."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg2

from tests.browser.product import _with_database

ROWS, SCOPE, ENDS = (f"tests/walls/test_{name}.py::" for name in ("rows", "scope", "ends"))


@contextmanager
def sql(do: str, undo: str) -> Iterator[None]:
    """Statements as the owner of the database of tests/walls, which one process makes under this name."""
    connection = psycopg2.connect(_with_database(os.environ["DATABASE_OWNER_URL"], "walls_master"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(do)
            try:
                yield
            finally:
                cursor.execute(undo)
    finally:
        connection.close()


def opened(table: str, command: str = "SELECT USING (true)") -> Callable[[], AbstractContextManager[Any]]:
    """One policy too many."""
    return lambda: sql(f"CREATE POLICY planted ON {table} FOR {command}", f"DROP POLICY planted ON {table}")


def without(function: str, line: str, instead: str = "") -> Callable[[], AbstractContextManager[Any]]:
    """A function of the database that does not ask one of its questions."""

    @contextmanager
    def weakened() -> Iterator[None]:
        connection = psycopg2.connect(_with_database(os.environ["DATABASE_OWNER_URL"], "walls_master"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [function])
            [whole] = cursor.fetchone()
        connection.close()
        assert line in whole
        with sql(whole.replace(line, instead), whole):
            yield

    return weakened


EVERYTHING = "test_a_raw_select_gives_exactly_what_is_permitted"
FAULTS = [
    ("notes are open to all", f"{ROWS}{EVERYTHING}[cases_note]", opened("cases_note")),
    (
        "history is open to all",
        f"{ROWS}{EVERYTHING}[cases_historicalperson]",
        opened("cases_historicalperson"),
    ),
    ("packets are open to all", f"{ENDS}test_a_packet_closes_by_the_clock", opened("referrals_packet")),
    (
        "a table is not behind the wall",
        f"{ROWS}test_nobody_gets_nothing[cases_case]",
        lambda: sql(
            "ALTER TABLE cases_case DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE cases_case ENABLE ROW LEVEL SECURITY",
        ),
    ),
    (
        "anybody grants themselves a case",
        f"{ROWS}test_a_grant_for_oneself_is_refused",
        without("app.scope_of_grant()", "IF NOT EXISTS (", "IF false AND EXISTS ("),
    ),
    (
        "anybody makes themselves a member",
        f"{ROWS}test_a_membership_for_oneself_is_refused",
        opened("victimcare_membership", "INSERT WITH CHECK (true)"),
    ),
    (
        "anybody writes in another's name",
        f"{ROWS}test_a_line_in_somebody_elses_name_is_refused",
        opened("victimcare_accessentry", "INSERT WITH CHECK (true)"),
    ),
    (
        "a signature is not checked",
        f"{SCOPE}test_injected_sql_cannot_act_as_another",
        without("app.my_teams()", "AND said[3] = encode(", "OR said[3] = encode("),
    ),
    (
        "a scope does not expire",
        f"{SCOPE}test_an_expired_scope_shows_nothing",
        without("app.my_teams()", ">= clock_timestamp() THEN", ">= to_timestamp(0) THEN"),
    ),
    (
        "a disabled user acts on",
        f"{SCOPE}test_a_disabled_user_sees_nothing_at_once",
        without("app.my_teams()", " AND account.is_active"),
    ),
    (
        "who left sees on",
        f"{SCOPE}test_who_left_sees_nothing_at_once",
        without("app.my_teams()", "AND (work.ended_at IS NULL OR work.ended_at > clock_timestamp())"),
    ),
    (
        "emergency access does not end",
        f"{ENDS}test_emergency_access_ends_by_the_clock",
        without("app.my_cases()", "AND emergency.until > clock_timestamp()"),
    ),
    (
        "within one case all others are open",
        f"{SCOPE}test_within_one_case_no_other_is_seen",
        without("app.my_cases()", " AND opened.content_object_id = within"),
    ),
    (
        "injected SQL reads what counts attempts",
        "tests/walls/test_attacks.py::test_nobody_reads_or_plants_a_counter[caseworker]",
        opened("victimcare_cache"),
    ),
    (
        "an auditor's job finds for anybody",
        f"{SCOPE}test_an_auditors_job_finds_their_member_state_only",
        without("app.audited_states()", " AND work.role = 'auditor'"),
    ),
]  # fmt: skip
