"""Counters that all processes share, in a table: attempts to sign in, second-factor codes that were used."""

from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.utils.crypto import salted_hmac

from victimcare import acting


class Counters(DatabaseCache):
    """The table is open to one job alone. Django keeps values as pickles: whoever could write one by injected
    SQL would run code of theirs in this process.
    """

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        with acting.as_job("counting"):
            return super().get_many(keys, version)

    def has_key(self, key: str, version: int | None = None) -> bool:
        with acting.as_job("counting"):
            return super().has_key(key, version)

    def clear(self) -> None:
        with acting.as_job("counting"):
            super().clear()

    def _base_set(self, *args: Any, **kwargs: Any) -> bool:
        with acting.as_job("counting"):
            return bool(super()._base_set(*args, **kwargs))

    def _base_delete_many(self, keys: Any) -> bool:
        with acting.as_job("counting"):
            return bool(super()._base_delete_many(keys))


def keyed(key: str, prefix: str, version: int) -> str:
    """allauth names addresses and users in its keys; the table shows only that there is a counter."""
    return salted_hmac("victimcare.cache", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()
