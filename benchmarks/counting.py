"""Counts what does not depend on the machine: statements of a page, and the buffers that these read.

Buffers are those of this connection's tables and indexes that the open transaction has read so far, found in
memory or not; the catalogue's own are left out, since a connection keeps what it has read of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from victimcare.scope import UNSCOPED

BUFFERS = """
SELECT coalesce(sum(pg_stat_get_xact_blocks_fetched(oid)), 0) FROM pg_class
 WHERE relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)
"""


@dataclass(slots=True)
class Cost:
    """A statement and the scope in front of it are one query; savepoints are none."""

    queries: int = 0
    buffers: int = 0

    def count(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.queries += not sql.startswith(UNSCOPED)
        return execute(sql, params, many, context)


@contextmanager
def counted() -> Iterator[Cost]:
    """What is asked inside. Needs an open transaction, in which nothing is lost between the two looks."""
    cost = Cost()
    before = _buffers()
    # First, so that it sees the statement as the product sends it.
    connection.execute_wrappers.insert(0, cost.count)
    try:
        yield cost
    finally:
        connection.execute_wrappers.remove(cost.count)
    cost.buffers = _buffers() - before


def _buffers() -> int:
    with connection.cursor() as cursor:
        cursor.execute(BUFFERS)
        return int(cursor.fetchone()[0])
