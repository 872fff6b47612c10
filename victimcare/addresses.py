"""Addresses of records: Django makes one of a kind, and the ids of all others are put into it."""

from functools import lru_cache
from uuid import UUID, uuid4

from django.urls import get_script_prefix, reverse


def address(url_name: str, *ids: UUID) -> str:
    """As `reverse(url_name, args=ids)`, of a page whose address has these ids in it."""
    return _pattern(url_name, len(ids), get_script_prefix()) % ids


@lru_cache(maxsize=256)
def _pattern(url_name: str, count: int, prefix: str) -> str:
    ids = [uuid4() for _ in range(count)]
    pattern = reverse(url_name, args=ids).replace("%", "%%")
    for one in ids:
        pattern = pattern.replace(str(one), "%s")
    return pattern
