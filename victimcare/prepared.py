"""Queries that Django writes once a process and asks again with other values: most of them take it longer to
write than the database to answer ([ADR 13](../docs/adr/0013-prepared-queries.md)).

    NOTES = Prepared(lambda case: Note.objects.filter(case=case), case=UUID)
    NOTES(case=case.pk)  # a list of notes
"""

import secrets
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import QuerySet, Value

from victimcare.instances import Reader
from victimcare.models.base import AnyOf
from victimcare.planned import Statement

Uuids = list[UUID]
Texts = list[str]
ELEMENTS: dict[Any, models.Field] = {Uuids: models.UUIDField(), Texts: models.CharField()}


def among(column: str, values: Any, kind: Any = Uuids) -> AnyOf:
    """True where the column is one of `values`: one statement for however many."""
    return AnyOf(column, Value(values, ArrayField(ELEMENTS[kind])))


def _id(late: bool) -> UUID:
    low = secrets.randbits(64)
    return UUID(int=2**128 - 1 - low if late else low)


def _word(late: bool) -> str:
    return ("z" if late else "0") + secrets.token_hex(16)


def _moment(late: bool) -> datetime:
    begun = datetime(2900 if late else 1900, 1, 1, tzinfo=UTC)
    return begun + timedelta(microseconds=secrets.randbelow(10**15))


# For each kind of value something that stands for it while the statement is written, and is met by no chance:
# one before all that there is, one after it.
STAND_INS: dict[Any, Callable[[bool], Any]] = {
    UUID: _id,
    Uuids: lambda late: [_id(late)],
    Texts: lambda late: [_word(late)],
    str: _word,
    datetime: _moment,
    date: lambda late: _moment(late).date(),
}


class Baked(Exception):
    """The query has an id or a moment in it that is none of its values, so it would be asked for somebody
    else, or at another time; or it is another query for other values; or it leaves a value out.
    """


# All of them. Tests that take a filter away have what was written before forgotten.
ALL: list["Prepared"] = []


class Prepared:
    """`query` makes a queryset of model instances, without `prefetch_related`. It runs once a process: what
    differs between two calls (who asks, where they work, the time) has to be one of the values, each of a
    kind in STAND_INS. Nothing watches over what it takes from elsewhere as a number or a word, such as the
    language of the moment: it takes none.
    """

    def __init__(self, query: Callable[..., QuerySet[Any]], **kinds: Any) -> None:
        self.query, self.kinds = query, kinds
        self._written: _Written | None = None
        ALL.append(self)

    def __call__(self, **values: Any) -> list[Any]:
        """The rows. Raises Baked at its first call if the query cannot be asked with other values."""
        if values.keys() != self.kinds.keys():
            raise TypeError(f"It is asked with {', '.join(self.kinds)}.")
        if self._written is None:
            self._written = _Written(self)
        return self._written.rows(values)

    def first(self, **values: Any) -> Any:
        return next(iter(self(**values)), None)

    def forget(self) -> None:
        """It is written anew when it is asked next."""
        self._written = None


class _Written:
    """What Django wrote, and where in it the values go."""

    def __init__(self, prepared: Prepared) -> None:
        early, late = (_compiled(prepared, late) for late in (False, True))
        compiler, sql, params = early
        model = compiler.query.model._meta.label
        if early[1:] != late[1:]:
            raise Baked(f"A query of {model} is another one for other values.")
        _require_all(model, prepared.kinds.keys() - {name for name, _param in params})
        if any(isinstance(param, UUID | date | list) for name, param in params if not name):
            raise Baked(f"A query of {model} has an id or a moment in it that is none of its values.")
        self.statement, self.reader = Statement(sql, params), Reader(compiler)

    def rows(self, values: dict[str, Any]) -> list[Any]:
        return self.reader.read(self.statement.rows(values))


def _compiled(prepared: Prepared, late: bool) -> tuple[Any, str, list[tuple[str, Any]]]:
    """The compiler of the query with these stand-ins, and what it wrote."""
    stand_ins = {name: STAND_INS[kind](late) for name, kind in prepared.kinds.items()}
    queryset: Any = prepared.query(**stand_ins)
    compiler = queryset.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    return compiler, sql, [_named(param, stand_ins) for param in params]


def _require_all(model: str, missing: Collection[str]) -> None:
    if missing:
        raise Baked(f"A query of {model} asks nothing of {', '.join(sorted(missing))}.")


def _named(param: Any, stand_ins: dict[str, Any]) -> tuple[str, Any]:
    """Which value it stands for, or none and the constant."""
    return next(((name, None) for name, value in stand_ins.items() if value == param), ("", param))
