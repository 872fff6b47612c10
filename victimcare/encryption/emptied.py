"""Rows that an erasure empties past the product: what others' records say of the person who was erased.

Their MACs are over words that are gone; the ledger of erasures says which rows they are.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

# From the parties of the ledger to the rows emptied with them: a record's id, and its subject key.
Emptied = set[tuple[UUID, UUID]]
Rows = Callable[[list[UUID]], Iterable[tuple[UUID, UUID]]]

_rows: dict[str, Rows] = {}


def add(label: str, rows: Rows) -> None:
    """An app names a model of its own in `apps.py`, as `app.forget` in the database does."""
    _rows[label] = rows


def may_be(label: str) -> bool:
    return label in _rows


def with_parties(label: str, parties: list[UUID]) -> Emptied:
    return set(_rows[label](parties)) if parties and label in _rows else set()
