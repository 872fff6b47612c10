"""Who acts: set by middleware, by a task (the user who caused it), or by a command. Unset means nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.utils.functional import SimpleLazyObject

if TYPE_CHECKING:
    from victimcare.models import User

_user: ContextVar["User | SimpleLazyObject | None"] = ContextVar("acting_user", default=None)


@contextmanager
def as_user(user: "User | SimpleLazyObject | None") -> Iterator[None]:
    token = _user.set(user)
    try:
        yield
    finally:
        _user.reset(token)


def user() -> "User | None":
    """The user who acts, or None when nobody is signed in."""
    found = _user.get()
    return found if found is not None and found.is_authenticated else None  # type: ignore[return-value]  # lazy
