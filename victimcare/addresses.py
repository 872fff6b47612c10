"""Addresses of records in lists: Django makes one, and the ids of fifty are put into it."""

from functools import lru_cache
from uuid import UUID, uuid4

from django.urls import get_script_prefix, reverse


def address(url_name: str, pk: UUID) -> str:
    """As `reverse(url_name, args=[pk])`, of a page whose address has one id in it."""
    before, after = _around(url_name, get_script_prefix())
    return f"{before}{pk}{after}"


@lru_cache(maxsize=256)
def _around(url_name: str, prefix: str) -> tuple[str, str]:
    any_id = uuid4()
    before, _id, after = reverse(url_name, args=[any_id]).partition(str(any_id))
    return before, after
