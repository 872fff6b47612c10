"""A row as a draft of its records: field by field, before anything is stored."""

from collections.abc import Iterable, Sequence
from typing import Any

from cases.imports.mapping import Column
from cases.imports.problems import Unusable
from cases.imports.targets import BACKGROUND, Target

# record -> field -> value.
Draft = dict[str, dict[str, Any]]


def draft(places: Iterable[tuple[Column, int]], defaults: dict[Target, Any], cells: Sequence[str]) -> Draft:
    """What the row says, by record and field. Raises Unusable with the reason if it cannot be a record."""
    made: Draft = {"case": {}, "person": {}}
    for column, place in places:
        value = _value(column, cells[place])
        if value is not None:
            _put(made, column, value)
    for target, value in defaults.items():
        if target.record in made:
            made[target.record].setdefault(target.field, value)
    return made


def _value(column: Column, given: str) -> Any:
    try:
        value = column.convert(given) if given else None
    except Unusable as error:
        raise Unusable(f"{column.header}: {error}") from error
    if value is None and column.required:
        raise Unusable(f"{column.header}: nothing is said, and a record needs it")
    return value


def _put(made: Draft, column: Column, value: Any) -> None:
    target = column.target
    fields = made.setdefault(target.record, {})
    if target.kind == "codes":
        fields[target.field] = [*fields.get(target.field, ()), *value]
    elif column.label:
        fields[target.field] = _joined(fields.get(target.field), line(column, value))
    elif target.key:
        _say(fields.setdefault(BACKGROUND, {}), target.key, column, value)
    else:
        _say(fields, target.field, column, value)


def line(column: Column, value: str) -> str:
    """A labelled value as its line of a text."""
    return f"{column.label}: {value}"


def _joined(text: str | None, more: str) -> str:
    return more if text is None else f"{text}\n{more}"


def _say(fields: dict[str, Any], name: str, column: Column, value: Any) -> None:
    """Two columns may say the same thing; if they say different things, neither is to be believed."""
    if fields.setdefault(name, value) != value:
        raise Unusable(f"{column.header}: another column says something else about the same thing")
