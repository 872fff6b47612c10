"""Whoever asks gets exactly their rows, however they ask: as the real application role, past all of the
product."""

import io
from typing import Any

import psycopg2
import pytest
from django.apps import apps

from tests.walls import facts
from tests.walls.conftest import Ask, Door

ACTORS = (
    "caseworker", "caseworker2", "supervisor", "demo_supervisor_br", "provider", "caseworker_shelter",
    "provider2", "practitioner", "officer", "admin", "analyst", "caseworker_br",
)  # fmt: skip
TABLES = facts.ROWS | facts.HISTORIES


def permitted(owner: Ask, who: str, table: str) -> set[str]:
    [(me,)] = owner("SELECT id FROM victimcare_user WHERE username = %s", [who])
    return {str(row[0]) for row in owner(TABLES[table], {"me": me})}


def key_of(table: str) -> str:
    return "history_id" if "_historical" in table else "id"


@pytest.mark.parametrize("table", TABLES)
def test_a_raw_select_gives_exactly_what_is_permitted(door: Door, owner: Ask, table: str) -> None:
    everything = {str(row[0]) for row in owner(f"SELECT {key_of(table)} FROM {table}")}
    assert everything
    for who in ACTORS:
        found = {str(row[0]) for row in door.ask(who, f"SELECT {key_of(table)} FROM {table}")}
        assert found == permitted(owner, who, table), who
        assert found != everything, who


@pytest.mark.parametrize("table", TABLES)
def test_nobody_gets_nothing(door: Door, table: str) -> None:
    assert door.ask("", f"SELECT count(*) FROM {table}") == [(0,)]


@pytest.mark.parametrize("who", ACTORS)
def test_every_table_of_the_apps_together(door: Door, owner: Ask, who: str) -> None:
    """The ORM's own statement for all rows of a model, forgotten filter and all."""
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if table not in TABLES:
            continue
        columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
        statement, values = model._base_manager.all().query.sql_with_params()
        place = [field.column for field in model._meta.concrete_fields].index(key_of(table))
        assert columns.split(", ")[place].strip('"') == key_of(table)
        found = {str(row[place]) for row in door.ask(who, statement, values)}
        assert found == permitted(owner, who, table), table


@pytest.mark.parametrize("statement", ["COPY cases_case (id) TO STDOUT", "COPY (TABLE cases_case) TO STDOUT"])
@pytest.mark.parametrize("who", ["caseworker", "supervisor", "provider", ""])
def test_copy_gives_no_more(door: Door, owner: Ask, who: str, statement: str) -> None:
    told = io.StringIO()
    with door.cursor(who) as cursor:
        cursor.copy_expert(statement, told)
    allowed = permitted(owner, who, "cases_case") if who else set()
    assert len(told.getvalue().splitlines()) == len(allowed)
    assert all(one in told.getvalue() for one in allowed)


@pytest.mark.parametrize("who", ["caseworker", "supervisor", "caseworker_br", ""])
def test_a_cursor_of_the_driver_gives_no_more(door: Door, owner: Ask, who: str) -> None:
    with door.cursor(who, name="by_hand") as cursor:
        cursor.execute("SELECT id FROM cases_case")
        found = {str(row[0]) for row in cursor.fetchall()}
    assert found == (permitted(owner, who, "cases_case") if who else set())


@pytest.mark.parametrize(
    "words",
    [
        "' OR 1=1 --",
        "' UNION SELECT id FROM cases_case --",
        "' OR number LIKE '%' --",
        "' OR EXISTS (SELECT 1 FROM cases_person) --",
        "'; SELECT id FROM cases_case --",
    ],
)
@pytest.mark.parametrize("who", ["caseworker2", "provider", ""])
def test_injected_words_find_no_more(door: Door, owner: Ask, who: str, words: str) -> None:
    found = {str(row[0]) for row in door.ask(who, f"SELECT id FROM cases_case WHERE number = '{words}")}
    assert found <= (permitted(owner, who, "cases_case") if who else set())


def test_a_join_and_a_count_give_no_more(door: Door, owner: Ask) -> None:
    own = len(permitted(owner, "caseworker", "cases_case"))
    assert door.ask("caseworker", "SELECT count(*) FROM cases_case") == [(own,)]
    joined = (
        "SELECT count(*) FROM cases_note n JOIN cases_case c ON c.id = n.case_id JOIN cases_person p ON true"
    )
    assert door.ask("admin", joined) == [(0,)]


def test_what_the_planner_knows_is_not_told(door: Door) -> None:
    """Its statistics hold values of rows."""
    assert door.ask("caseworker", "SELECT count(*) FROM pg_stats WHERE tablename LIKE 'cases\\_%%'") == [(0,)]


def test_an_error_tells_nothing_of_a_hidden_row(door: Door) -> None:
    """A cast that fails would quote the value of the row that it failed on."""
    assert door.ask("admin", "SELECT id FROM cases_case WHERE number::integer = 0") == []


# -- Writing -------------------------------------------------------------------------------------------------


def foreign_case(owner: Ask, who: str) -> Any:
    mine = permitted(owner, who, "cases_case")
    return next(row[0] for row in owner("SELECT id FROM cases_case ORDER BY id") if str(row[0]) not in mine)


@pytest.mark.parametrize(
    "table", ["cases_case", "cases_person", "cases_note", "cases_incident", "referrals_referral"]
)
def test_a_change_of_everything_changes_no_foreign_row(door: Door, owner: Ask, table: str) -> None:
    [(changed,)] = door.ask("caseworker", f"UPDATE {table} SET revision = revision + 1")
    total = owner(f"SELECT count(*) FROM {table}")[0][0]
    assert changed < total
    if table in TABLES:
        assert changed == len(permitted(owner, "caseworker", table))
    assert door.ask("", f"UPDATE {table} SET revision = 99") == [(0,)]


def test_a_child_of_a_foreign_case_is_refused(door: Door, owner: Ask) -> None:
    case_id = foreign_case(owner, "caseworker")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="row-level security"):
        door.ask(
            "caseworker",
            "INSERT INTO cases_enrolment"
            " (id, created_at, revision, subject_key_id, case_id, kind, started_on)"
            " SELECT gen_random_uuid(), now(), 1, gen_random_uuid(), %s, 'victim', current_date",
            [case_id],
        )


def test_a_grant_for_oneself_is_refused(door: Door, owner: Ask) -> None:
    case_id = foreign_case(owner, "caseworker")
    with pytest.raises(psycopg2.errors.CheckViolation, match="assigned to it"):
        door.ask(
            "caseworker",
            "INSERT INTO cases_casegrant (user_id, content_object_id, permission_id)"
            " SELECT app.me(), %s, id FROM auth_permission WHERE codename = 'work_on_case'",
            [case_id],
        )


def test_a_membership_for_oneself_is_refused(door: Door) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="row-level security"):
        door.ask(
            "caseworker",
            "INSERT INTO victimcare_membership"
            " (id, created_at, revision, user_id, organization_id, team_id, role, started_at)"
            " SELECT gen_random_uuid(), now(), 1, app.me(), organization_id, id, 'supervisor', now()"
            " FROM victimcare_team LIMIT 1",
        )


def test_a_line_in_somebody_elses_name_is_refused(door: Door) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="row-level security"):
        door.ask(
            "caseworker",
            "INSERT INTO victimcare_accessentry (id, at, by_id, object_label, action, kinds, rows)"
            " SELECT gen_random_uuid(), now(), id, '', 'read', '{}', 1 FROM victimcare_user"
            " WHERE username = 'supervisor'",
        )


def test_a_row_is_not_moved_into_ones_own_scope(door: Door, owner: Ask) -> None:
    """The scope columns are the database's: a foreign key holds each to the case."""
    [(team,)] = owner("SELECT id FROM victimcare_team WHERE name = 'Sur'")
    with pytest.raises(psycopg2.errors.DatabaseError):
        door.ask(
            "supervisor",
            "UPDATE cases_enrolment SET scope_team_id = %s; SET CONSTRAINTS ALL IMMEDIATE",
            [team],
        )


# -- Becoming somebody else ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE victimcare_owner",
        "SET SESSION AUTHORIZATION victimcare_owner",
        "ALTER ROLE victimcare_app BYPASSRLS",
        "ALTER TABLE cases_case DISABLE ROW LEVEL SECURITY",
        "DROP POLICY read ON cases_case",
        "CREATE POLICY mine ON cases_case USING (true)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION app.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TEMPORARY TABLE cases_case (id uuid)",
        "CREATE TABLE public.mine (id uuid)",
        "SELECT * FROM app.scope_key",
        "UPDATE app.scope_key SET inner_pad = outer_pad",
        "ALTER FUNCTION app.me() OWNER TO victimcare_app",
        "TRUNCATE cases_case",
        "SET row_security = off; SELECT id FROM cases_case",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY cases_case FROM PROGRAM 'id'",
    ],
)
def test_the_way_around_is_closed(door: Door, statement: str) -> None:
    with pytest.raises(psycopg2.DatabaseError):
        door.ask("caseworker", statement)
