"""UUIDs as the database sends them. A list has the same few organisations, teams and users in each row; the
driver's own way reads each id anew.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import new_array_type, new_type, register_type

# As `pg_type` numbers them.
UUID_OID, ARRAY_OID = 2950, 2951

_read = lru_cache(maxsize=10_000)(UUID)


def _cast(value: str | None, cursor: Any) -> UUID | None:
    return None if value is None else _read(value)


ID = new_type((UUID_OID,), "UUID", _cast)
IDS = new_array_type((ARRAY_OID,), "UUID[]", ID)


def install(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """For each new connection."""
    register_type(ID, connection.connection)
    register_type(IDS, connection.connection)
