"""The two roles and the database of our own cluster. Run at every start: it mends what was cut short."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import sql

DATABASE = "victimcare"
SETUP, OWNER, APPLICATION = "victimcare_setup", "victimcare_owner", "victimcare_app"

# The owner migrates, makes test databases, and passes row security because COPY FROM and pg_dump need it.
# The application's role can log in, and nothing else.
ATTRIBUTES = {
    OWNER: "LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS INHERIT",
    APPLICATION: "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT",
}

SERVER_RULES = (
    # The owner may become the application, never the other way round.
    f"GRANT {APPLICATION} TO {OWNER}",
    f"REVOKE {OWNER} FROM {APPLICATION}",
    "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC",
    f"GRANT CONNECT ON DATABASE postgres TO {OWNER}",
    # No TEMPORARY: a temporary table could stand in front of a real one.
    f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
    f"GRANT CONNECT ON DATABASE {DATABASE} TO {APPLICATION}",
    # A role may give itself settings for all of its sessions to come: what an injected statement left, goes.
    f"ALTER ROLE {APPLICATION} RESET ALL",
    # Else each of its sessions sees what the others run, and with it who acts there. Not the role's to undo.
    f"ALTER ROLE {APPLICATION} SET track_activities = off",
)
# In each database, and in what the next ones are made of. Sessions keep planned statements, and run them for
# whoever acts next: under a name that is known an injected one could put another in its place.
NO_NAMES = "REVOKE EXECUTE ON FUNCTION pg_prepared_statement() FROM PUBLIC"
DATABASE_RULES = (
    NO_NAMES,
    f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {APPLICATION}",
    f"GRANT USAGE ON SCHEMA public TO {APPLICATION}",
)


def set_up(socket: str, passwords: Mapping[str, str]) -> None:
    """`passwords` by role: SETUP, OWNER, APPLICATION. `socket` is the folder of the server's socket."""
    with _cursor(socket, passwords[SETUP], "postgres") as cursor:
        for role, attributes in ATTRIBUTES.items():
            _make_role(cursor, role, attributes, passwords[role])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        for rule in SERVER_RULES:
            cursor.execute(rule)
    with _cursor(socket, passwords[SETUP], "template1") as cursor:
        cursor.execute(NO_NAMES)
    with _cursor(socket, passwords[SETUP], DATABASE) as cursor:
        for rule in DATABASE_RULES:
            cursor.execute(rule)


def _make_role(cursor: Any, role: str, attributes: str, password: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    statement = sql.SQL(f"{verb} ROLE {role} {attributes} PASSWORD {{}}").format(sql.Literal(password))
    cursor.execute(statement)


@contextmanager
def _cursor(socket: str, password: str, database: str) -> Iterator[Any]:
    connection = psycopg2.connect(host=socket, user=SETUP, password=password, dbname=database)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
