"""Who acts: a user, set by middleware or by a task (the user who caused it), or a named system job. Unset
means nobody, and nobody sees a record: the database asks too (victimcare/scope.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from victimcare.models import User


@dataclass(frozen=True, slots=True)
class Job:
    """Something that the installation does by itself. What each may see, the policies of the database say.
    Where a user asks for it, `reader` says who: a job of theirs may find no more than what they may ask for.
    """

    name: str
    reader: Any = None


# What the installation does by itself: name -> why no user can do it.
JOBS = {
    "queue": "hands tasks to the worker",
    "expiry": "ends what nobody answered or renewed in time, at any organisation",
    "lapses": "flags referrals whose receiver lost an accreditation, whoever sent them",
    "departure": "closes the cases of somebody who left, for an administrator who may not see them",
    "sealing": "seals the access log of every member state",
    "audit": "finds which records an account could read, for an auditor who reads none of them",
    "log": "says where those worked whom a log names, and writes down who comes in, before anybody acts",
    "notices": "mails to people that something waits for them, as each chose",
    "search": "makes the tokens and name cards of everybody anew, for search before create",
    "import": "brings in cases from files: run on the server, by who has its keys",
    "erasure": "finds and overwrites who is erased in cases of colleagues; compares keys with the ledger",
    "ties": "says which cases are locked to somebody, who must not learn of it",
    "counting": "counts attempts to sign in, before anybody is signed in",
    "sessions": "opens, keeps and ends sessions, before anybody acts",
    "invitation": "lets somebody in by a link, who is nobody yet",
    "health": "asks whether the database knows this product",
}

_actor: ContextVar["User | Job | None"] = ContextVar("actor")
_within: ContextVar[Any] = ContextVar("within", default=None)


@contextmanager
def as_user(user: Any) -> Iterator[None]:
    """This user acts inside the block; somebody who is not signed in is nobody."""
    with _acting(user if user is not None and user.is_authenticated else None):
        yield


@contextmanager
def as_job(name: str) -> Iterator[None]:
    """The installation itself acts inside the block. Raises ValueError for a job that is not listed."""
    if name not in JOBS:
        raise ValueError(f"{name} is no job of this installation.")
    asking = _actor.get(None)
    reader = asking.reader if isinstance(asking, Job) else asking and asking.pk
    with _acting(Job(name, reader)):
        yield


@contextmanager
def within(pk: Any) -> Iterator[None]:
    """Of the records that were opened to the user one by one, this one alone is open inside the block, and
    what hangs on it: a page of one record shows no other, whatever it asks.
    """
    token = _within.set(pk)
    try:
        yield
    finally:
        _within.reset(token)


@contextmanager
def _acting(actor: "User | Job | None") -> Iterator[None]:
    token = _actor.set(actor)
    try:
        with within(None):
            yield
    finally:
        _actor.reset(token)


def user() -> "User | None":
    """The user who acts, or None when nobody or a job does."""
    found = _actor.get(None)
    return None if isinstance(found, Job) else found


def name() -> str:
    """Who acts in the words of the database's scope: `user:<id>` with `:<record>` inside a record of theirs,
    `job:<name>` with `:<reader>` where a user asks for it, or nothing.
    """
    found = _actor.get(None)
    if found is None:
        return ""
    if isinstance(found, Job):
        return f"job:{found.name}:{found.reader}" if found.reader else f"job:{found.name}"
    record = _within.get()
    return f"user:{found.pk}:{record}" if record else f"user:{found.pk}"
