"""Rows that an erasure empties past the product: what others' records say of the person who was erased.

Their MACs are over words that are gone; the ledger of erasures says which rows they are.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from victimcare import acting

# From the parties of the ledger to the rows emptied with them: a record's id, and its subject key.
Emptied = set[tuple[UUID, UUID]]
Rows = Callable[[list[UUID]], Iterable[tuple[UUID, UUID]]]
# From a row to the parties with which it may have been emptied.
Parties = Callable[[Any], Iterable[UUID]]

_rows: dict[str, Rows] = {}
_parties: dict[str, Parties] = {}


def add(label: str, rows: Rows, parties: Parties) -> None:
    """An app names a model of its own in `apps.py`, as `app.forget` in the database does."""
    _rows[label], _parties[label] = rows, parties


def may_be(label: str) -> bool:
    return label in _rows


def with_parties(label: str, parties: list[UUID]) -> Emptied:
    return set(_rows[label](parties)) if parties and label in _rows else set()


def explained(label: str, row: Any) -> bool:
    """The ledger knows of an erasure that emptied this row. It is no more than that which comes out, so the
    installation asks: who reads the row may not read the ledger.
    """
    from victimcare.models import ErasureEntry

    if not may_be(label):
        return False
    parties = list(_parties[label](row))
    with acting.as_job("erasure"):
        return ErasureEntry.objects.filter(party_ids__overlap=parties).exists()
