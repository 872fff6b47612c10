"""Faults that the drills have to find: of the second wall, that of threads; of keys that change, that of
keys; of the last free place, that of places.

They live here: no setting of the product knows them.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from django.db.models import QuerySet

from victimcare import acting, scope

VARIABLE = "DRILL_PLANT"


def _for_the_session(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """The scope stays on the server connection, for whoever is next."""
    if not sql.startswith(scope.UNSCOPED):
        sql = f"SELECT set_config('app.scope', '{scope.said_by(acting.name())}', false); {sql}"
    return execute(sql, params, many, context)


def _unless_nobody(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """When nobody acts, nothing is said: a scope of the same transaction holds on."""
    if acting.name() and not sql.startswith(scope.UNSCOPED):
        sql = f"SELECT set_config('app.scope', '{scope.said_by(acting.name())}', true); {sql}"
    return execute(sql, params, many, context)


def _instead(faulty: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch.object(scope, "scoped", faulty)


PLANTS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "session-scope": _instead(_for_the_session),
    "nobody-unsaid": _instead(_unless_nobody),
}


def _without_locks() -> AbstractContextManager[Any]:
    """Keys are renewed, and places taken, from what was read a moment ago."""
    return patch.object(QuerySet, "select_for_update", lambda self, **options: self.all())


KEY_PLANTS: dict[str, Callable[[], AbstractContextManager[Any]]] = {"renewal-unlocked": _without_locks}

# Of acceptances at once.
PLACE_PLANTS: dict[str, Callable[[], AbstractContextManager[Any]]] = {"places-unlocked": _without_locks}
