"""Prepared queries while a test breaks what they are written from, and in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connection

from victimcare import planned, prepared

EXECUTE = re.compile(r"EXECUTE (planned_[0-9a-f]+)")


@contextmanager
def written_anew() -> Iterator[None]:
    """Inside, and again after it, all of them are written when they are asked next; inside they may leave
    values out, as a filter that was taken away does.
    """
    _forget()
    try:
        with mock.patch.object(prepared, "_require_all", return_value=None):
            yield
    finally:
        _forget()


def _forget() -> None:
    for one in prepared.ALL:
        one.forget()


def in_words(sql: str) -> tuple[str, str]:
    """What a statement that was sent asks, and the part of it that asks: one that is planned by the database
    is sent by its name.
    """
    found = EXECUTE.search(sql)
    if not found:
        return sql, sql
    known = {name: words for (words, _constants), name in (planned.names_on(connection) or {}).items()}
    return known[found[1]], sql[found.start() :]


def keep_names(of: Any, names: dict[planned.Key, str]) -> None:
    """From now on that connection knows these planned statements, and notes new ones there."""
    planned._names[of.connection] = names
