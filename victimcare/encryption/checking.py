"""Looks through every encrypted row, in history too, for what was changed past the product or put back."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models

from victimcare import erasure_ledger, history
from victimcare.encryption import emptied, keyring, sealed
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.emptied import Emptied
from victimcare.encryption.keyring import SubjectErased
from victimcare.models.base import EncryptedRecord

BATCH = 1000
# A record is as its newest history row is. An old row that was put back whole has a right MAC, and is older.
PUT_BACK = """
SELECT record.id FROM {table} record
WHERE NOT EXISTS (SELECT FROM {history} past
                   WHERE past.id = record.id AND past.revision = record.revision AND past.mac = record.mac)
   OR EXISTS (SELECT FROM {history} past WHERE past.id = record.id AND past.revision > record.revision)
"""


@dataclass(slots=True)
class Checked:
    """`wrong` names rows, `<model> <id>`: no value of theirs can be believed."""

    rows: int = 0
    wrong: list[str] = field(default_factory=list)


def encrypted_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, EncryptedRecord)]


def with_histories() -> Iterator[type[models.Model]]:
    for model in encrypted_models():
        yield model
        yield history.history_model(model)


def check() -> Checked:
    """Every row and every past row, each of its values opened."""
    found = Checked()
    for model in with_histories():
        erased = by_ledger(model)
        for row in _rows(model):
            found.rows += 1
            if not _opens(row, erased):
                found.wrong.append(f"{model._meta.label} {row.pk}")
    for model in encrypted_models():
        found.wrong += [f"{model._meta.label} {row}" for row in _put_back(model)]
    for unreadable in _beside:
        found.wrong += unreadable()
    return found


# What apps keep sealed beside the fields of records: each names what it finds wrong.
_beside: list[Callable[[], Iterable[str]]] = []


def add_beside(unreadable: Callable[[], Iterable[str]]) -> None:
    _beside.append(unreadable)


def _rows(model: type[models.Model]) -> Iterator[models.Model]:
    rows = model._base_manager.order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        with keyring.held():
            keyring.preload(batch)
            yield from batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def by_ledger(model: type[models.Model]) -> Emptied:
    """The rows of a model, and of its history, that erasures emptied."""
    label = sealed.label_of(model)
    if not emptied.may_be(label):
        return set()
    parties = [party for entry in erasure_ledger.stored() for party in entry.party_ids]
    return emptied.with_parties(label, parties)


def require(row: Any, erased: Emptied) -> None:
    """Raises Unreadable unless the row is as it was written, or empty and one of those that were emptied."""
    if not (sealed.is_empty(row) and (row.id, row.subject_key_id) in erased):
        sealed.check(row)


def _opens(row: models.Model, erased: Emptied) -> bool:
    """Whether all of it can be read. What was erased is read by nobody, and is not wrong; without its key,
    in a database that was restored by half, it is.
    """
    try:
        require(row, erased)
        for one in sealed.encrypted_fields(type(row)):
            getattr(row, one.attname)
    except SubjectErased:
        return True
    except (Unreadable, ObjectDoesNotExist):
        return False
    return True


def _put_back(model: type[models.Model]) -> list[Any]:
    table, past = model._meta.db_table, history.history_model(model)._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(PUT_BACK.format(table=table, history=past))
        return [row for (row,) in cursor.fetchall()]
