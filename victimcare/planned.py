"""Statements that the database plans once a connection: under row-level security most of them take longer to
plan than to answer ([ADR 14](../docs/adr/0014-planned-statements.md)).
"""

import itertools
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import AsIs

Key = tuple[str, str]
# Of each connection that has a server process of its own: SQL and its constants -> the name under which it is
# planned there.
_names: WeakKeyDictionary[Any, dict[Key, str]] = WeakKeyDictionary()
# What would show an injected statement the names of others, which it could then give another meaning.
SHOWN = """
SELECT pg_backend_pid(), EXISTS (
    SELECT FROM pg_proc WHERE proname IN ('pg_prepared_statement', 'pg_stat_statements')
       AND has_function_privilege(oid, 'EXECUTE'))
"""
# A plan's tables are not what they were (its result, an operator, a type), or the server does not know it:
# it is planned anew next time.
OUTDATED = ("0A000", "42883", "42804", "26000")


def install(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """For each new connection of which a plan may be kept."""
    if connection.alias == "default" and may_keep(connection.connection):
        with connection.connection.cursor() as cursor:
            # What a plan hangs on are functions of who acts, which no plan for given values knows either.
            cursor.execute("SET plan_cache_mode = force_generic_plan")
        _names[connection.connection] = {}


def may_keep(raw: Any) -> bool:
    """Behind a pooler the next transaction may run in another server process, which knows nothing of this
    one's statements; a pooler tells its clients a process number of its own making. And names have to be
    nobody's to read (docs/operations.md). Elsewhere a statement is planned each time.
    """
    with raw.cursor() as cursor:
        cursor.execute(SHOWN)
        [(process, names_are_shown)] = cursor.fetchall()
    return bool(process == raw.info.backend_pid and not names_are_shown)


def names_on(connection: Any) -> dict[Key, str] | None:
    """None where nothing is planned for longer than a transaction."""
    return _names.get(connection.connection)


class Statement:
    """SQL with a `%s` for each of `params`: pairs of a value's name and None, or of "" and a constant."""

    def __init__(self, sql: str, params: Sequence[tuple[str, Any]]) -> None:
        self.sql, self.params = sql, params
        self.places = [name for name, _constant in params if name]
        # Two statements may differ in their constants alone.
        self.key: Key = sql, repr([... if name else constant for name, constant in params])
        self._marks = f"({', '.join(['%s'] * len(self.places))})" if self.places else ""

    def rows(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            self._send(cursor, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def run(self, values: Mapping[str, Any]) -> None:
        with connection.cursor() as cursor:
            self._send(cursor, values)

    def _send(self, cursor: Any, values: Mapping[str, Any]) -> None:
        names = names_on(connection)
        if names is None:
            cursor.execute(self.sql, [values[name] if name else constant for name, constant in self.params])
            return
        name = names.get(self.key) or self._plan(cursor, names)
        try:
            cursor.execute(f"EXECUTE {name}{self._marks}", [values[name] for name in self.places])
        except DatabaseError as error:
            # What a user sent in is refused more often, and leaves the plan as good as it was.
            if getattr(error.__cause__, "pgcode", None) in OUTDATED:
                names.pop(self.key, None)
            raise

    def _plan(self, cursor: Any, names: dict[Key, str]) -> str:
        """In a message of its own, without scope and values: `pg_prepared_statements` shows the whole message
        to whoever comes later on this connection, and a scope is good for a minute.
        """
        # Not to be guessed, and never used twice: what is outdated keeps its own.
        name = f"planned_{secrets.token_hex(8)}"
        with connection.wrap_database_errors:
            # Past Django, which would put the scope in front.
            cursor.cursor.execute(f"PREPARE {name} AS {self._words()}")
        names[self.key] = name
        return name

    def _words(self) -> str:
        """With `$1`, `$2` where the values go, and the constants written out."""
        numbers = itertools.count(1)
        params = [AsIs(f"${next(numbers)}") if name else constant for name, constant in self.params]
        with connection.cursor() as cursor:
            return str(cursor.mogrify(self.sql, params).decode())
