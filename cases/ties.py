"""Which cases are locked to somebody for a conflict of interest.

Nothing of a tie may reach who is tied, who may be the one that the person fears. So the application asks as a
job of the installation, and not as the user: a statement in the user's own name gets no answer.
"""

from typing import Any
from uuid import UUID

from django.db import connection

from victimcare import acting

LOCKED = "SELECT app.locked_cases(%s)"


def locked_cases(user: Any) -> frozenset[UUID]:
    """The ids of these cases. Read once a request: the request's user object remembers them."""
    if user.pk is None:
        return frozenset()
    if not hasattr(user, "_locked_cases"):
        user._locked_cases = _asked(user)
    found: frozenset[UUID] = user._locked_cases
    return found


def _asked(user: Any) -> frozenset[UUID]:
    with acting.as_job("ties"), connection.cursor() as cursor:
        cursor.execute(LOCKED, [user.pk])
        return frozenset(cursor.fetchone()[0])


def forget(*users: Any) -> None:
    """A tie was recorded within this request: what it remembers of these users holds no longer."""
    for user in users:
        user.__dict__.pop("_locked_cases", None)
