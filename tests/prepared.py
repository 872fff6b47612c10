"""Prepared queries while a test breaks what they are written from."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from victimcare import prepared


@contextmanager
def written_anew() -> Iterator[None]:
    """Inside, and again after it, all of them are written when they are asked next; inside they may leave
    values out, as a filter that was taken away does.
    """
    _forget()
    try:
        with mock.patch.object(prepared, "_require_all", return_value=None):
            yield
    finally:
        _forget()


def _forget() -> None:
    for one in prepared.ALL:
        one.forget()
