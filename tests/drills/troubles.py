"""What goes wrong in the middle of a request: inside a transaction, after records were read.

A thread says beforehand what happens in its next request; other threads are not touched.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from django.db import DatabaseError, connection, transaction

from cases import sections
from tests.drills.truth import owner
from victimcare import acting, navigation, records

_mine = threading.local()
# When connections were ended, by any thread: just before and just after.
_ended: list[float] = []


class Broken(Exception):
    """Planted: no part of the product raises or expects it."""


def _raises() -> None:
    raise Broken


def _raises_inside_a_job() -> None:
    with acting.as_job("departure"):
        _run("SELECT id FROM cases_case")
        raise Broken


def _divides_by_zero() -> None:
    _run("SELECT 1 / 0")


def _goes_on_in_an_aborted_transaction() -> None:
    try:
        _run("SELECT 1 / 0")
    except DatabaseError:
        _run("SELECT id FROM cases_case")


def _takes_too_long() -> None:
    _run("SET LOCAL statement_timeout = 10")
    _run("SELECT pg_sleep(5)")


def _loses_its_connection() -> None:
    end_connection()
    _run("SELECT id FROM cases_case")


TROUBLES: dict[str, Callable[[], None]] = {
    "raises": _raises,
    "raises inside a job": _raises_inside_a_job,
    "divides by zero": _divides_by_zero,
    "goes on in an aborted transaction": _goes_on_in_an_aborted_transaction,
    "takes too long": _takes_too_long,
    "loses its connection": _loses_its_connection,
}
# In an action: after the record was written, before the transaction ends.
IN_AN_ACTION = ("raises", "divides by zero", "takes too long")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def end_connection() -> None:
    """The owner ends the server's process that this thread talks to. Behind a pooler another thread may have
    ended it already.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [(pid,)] = cursor.fetchall()
    _ended.append(time.monotonic())
    with owner() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
    _ended.append(time.monotonic())


def ended() -> int:
    return len(_ended) // 2


def ended_at() -> float:
    """When one was ended last."""
    return _ended[-1] if _ended else 0.0


@contextmanager
def next_request(trouble: str) -> Iterator[None]:
    _mine.trouble = trouble
    try:
        yield
    finally:
        _mine.trouble = ""


def _troubled(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def asked(*args: Any, **kwargs: Any) -> Any:
        trouble = getattr(_mine, "trouble", "")
        if not trouble:
            return original(*args, **kwargs)
        with transaction.atomic():
            original(*args, **kwargs)
            TROUBLES[trouble]()
        raise AssertionError(trouble)

    return asked


@contextmanager
def possible() -> Iterator[None]:
    """The case page and home, after they read; and every action, after it wrote."""
    places = ((sections, "sections_for"), (navigation, "panels_for"), (records, "store"))
    with ExitStack() as patches:
        for module, name in places:
            patches.enter_context(patch.object(module, name, _troubled(getattr(module, name))))
        yield
