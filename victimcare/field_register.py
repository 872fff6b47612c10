"""The register of fields in docs/data-protection.md: every field of every model, made from the code.

A record classifies its own fields (`clear_fields`, encrypted fields with their kind). What is no record, and
how long each model is kept, each app says in a table in its `retention.py`, told once in its `apps.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from victimcare.encryption.fields import EncryptedField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models.base import EncryptedRecord, PersonalRecord, Record
from victimcare.workflow import Workflow

PAGE = Path(settings.BASE_DIR) / "docs" / "data-protection.md"
HEAD = ("field", "kind of data", "encrypted", "indexed", "kept", "in export")
# Beside the kinds of data of who is served: of those who work here, and what only a key makes sense of.
STAFF, SECRET = "who works here", "key or token"


class Kept(StrEnum):
    """How long. Of a record about a person, what is encrypted goes with the person, and the rest stays."""

    PERSON = "until the person is erased"
    FACTS = "stays after an erasure, without identity"
    WORK = "as long as the installation"
    LOG = "for ever: only added to"
    PASSING = "until it is used up"
    KEY = "until it is destroyed"


@dataclass(frozen=True, slots=True)
class Table:
    """A model that is no record: how long its rows are kept, and its fields by kind of data."""

    kept: Kept
    kinds: Mapping[str, str]


@dataclass(slots=True)
class _Register:
    kept: dict[str, Kept] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    exports: dict[tuple[str, str], str] = field(default_factory=dict)


_register = _Register()


def tell(kept: Mapping[str, Kept], tables: Mapping[str, Table] | None = None) -> None:
    """An app's table of retention: records by their label, and what is no record with its fields."""
    _register.kept |= kept
    _register.tables |= tables or {}


def exported(label: str, names: Iterable[str], export: str) -> None:
    """These fields of a model leave the installation in that export."""
    _register.exports |= {(label, name): export for name in names}


class Unclassified(Exception):
    """Fields that no table and no model classifies."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"Not classified: {', '.join(names)}.")


def unclassified() -> list[str]:
    """`app.Model.field` of every field without a kind, and `app.Model` without a retention."""
    found: list[str] = []
    for model in all_models():
        label = model._meta.label
        if label not in _register.kept and label not in _register.tables:
            found.append(label)
        else:
            found += [f"{label}.{one.name}" for one in model._meta.concrete_fields if not _kind(model, one)]
    return found


def all_models() -> list[type[models.Model]]:
    """Histories left out: they hold the fields of their records."""
    return [model for model in apps.get_models() if not hasattr(model, "tracked_fields")]


def fields() -> str:
    """Every field, model by model. Raises Unclassified."""
    if missing := unclassified():
        raise Unclassified(missing)
    return "\n\n".join(_of_model(model) for model in sorted(all_models(), key=lambda one: one._meta.label))


def in_clear() -> str:
    """What tells of who is served and is not encrypted, by kind of data."""
    found: dict[str, list[str]] = {}
    for model in all_models():
        for one in model._meta.concrete_fields:
            if not isinstance(one, EncryptedField) and (kind := _kind(model, one)) in DataKind.values:
                found.setdefault(kind, []).append(f"`{model.__name__}.{one.name}`")
    return "\n".join(f"- {kind}: {', '.join(found[kind])}" for kind in DataKind.values if kind in found)


PARTS: dict[str, Callable[[], str]] = {"clear": in_clear, "fields": fields}


def with_register(text: str) -> str:
    """The page with its parts made anew. Raises ValueError where one has no place, Unclassified."""
    for name, part in PARTS.items():
        begin, end = f"<!-- {name}: written by `manage.py field_register` -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _old, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"docs/data-protection.md has no place for {name}.")
        text = f"{before}{begin}\n\n{part()}\n\n{end}{after}"
    return text


def _of_model(model: type[models.Model]) -> str:
    history = ", and the same in its history" if hasattr(model, "history") else ""
    rows = (_row(model, one) for one in model._meta.concrete_fields)
    lines = [HEAD, ("---",) * len(HEAD), *rows]
    return f"**{model._meta.label}**{history}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(model: type[models.Model], one: Any) -> tuple[str, ...]:
    return (
        f"`{one.name}`",
        _kind(model, one),
        "yes" if isinstance(one, EncryptedField) else "",
        "yes" if one.name in _indexed(model) else "",
        _kept(model, one),
        _register.exports.get((model._meta.label, one.name), ""),
    )


def _kind(model: type[models.Model], one: Any) -> str:
    """Empty where nothing classifies the field."""
    if isinstance(one, EncryptedField):
        return str(one.kind)
    if table := _register.tables.get(model._meta.label):
        return next((kind for kind, names in table.kinds.items() if one.name in names.split()), "")
    if one.name in _inherited():
        return ADMINISTRATIVE
    return str(getattr(model, "clear_fields", {}).get(one.name, ""))


def _inherited() -> set[str]:
    bases = (Record, PersonalRecord, EncryptedRecord, Workflow)
    return {one.name for base in bases for one in base._meta.local_fields}


def _kept(model: type[models.Model], one: Any) -> str:
    if table := _register.tables.get(model._meta.label):
        return table.kept
    kept = _register.kept[model._meta.label]
    return Kept.FACTS if kept is Kept.PERSON and not isinstance(one, EncryptedField) else kept


def _indexed(model: type[models.Model]) -> set[str]:
    """In an index of its own or together with others."""
    fields: Iterable[Any] = model._meta.concrete_fields
    alone = {one.name for one in fields if one.db_index or one.unique}
    indexes = {name.lstrip("-") for index in model._meta.indexes for name in index.fields}
    unique = {
        name
        for one in model._meta.constraints
        if isinstance(one, models.UniqueConstraint)
        for name in one.fields
    }
    return alone | indexes | unique
