"""A row as a draft of its records: field by field, before anything is stored."""

from collections.abc import Iterable, Sequence
from typing import Any

from cases.imports.mapping import Column
from cases.imports.problems import Unusable
from cases.imports.targets import BACKGROUND, NEEDED, Target, require_room

# record -> field -> value.
Draft = dict[str, dict[str, Any]]


def draft(places: Iterable[tuple[Column, int]], defaults: dict[Target, Any], cells: Sequence[str]) -> Draft:
    """What the row says, by record and field. Raises Unusable with the reason if it cannot be a record."""
    made: Draft = {"case": {}, "person": {}}
    for column, place in places:
        try:
            _read(made, column, cells[place])
        except Unusable as error:
            raise Unusable(f"{column.header}: {error}") from error
    for target, value in defaults.items():
        if target.record in made:
            fields, name = _place(made, target)
            fields.setdefault(name, value)
    _require_whole(made)
    return made


def _read(made: Draft, column: Column, given: str) -> None:
    value = column.convert(given) if given else None
    if value is not None:
        _put(made, column, value)
    elif column.required:
        raise Unusable("nothing is said, and a record needs it")


def _put(made: Draft, column: Column, value: Any) -> None:
    fields, name = _place(made, column.target)
    if column.target.kind == "codes":
        fields[name] = list(dict.fromkeys([*fields.get(name, ()), *value]))
    elif column.label:
        before = f"{fields[name]}\n" if name in fields else ""
        fields[name] = require_room(column.target, before + line(column, value))
    elif fields.setdefault(name, value) != value:
        # Two columns may say the same thing; if they say different things, neither is to be believed.
        raise Unusable("another column says something else about the same thing")


def _place(made: Draft, target: Target) -> tuple[dict[str, Any], str]:
    """Where the target's value stands in the draft; the background is a field with keys of its own."""
    fields = made.setdefault(target.record, {})
    return (fields.setdefault(BACKGROUND, {}), target.key) if target.key else (fields, target.field)


def line(column: Column, value: str) -> str:
    """A labelled value as its line of a text."""
    return f"{column.label}: {value}"


def _require_whole(made: Draft) -> None:
    for record, fields in made.items():
        needed = NEEDED.get(record)
        if needed and needed not in fields:
            raise Unusable(f"{record}.{needed}: nothing is said, and a record needs it")
