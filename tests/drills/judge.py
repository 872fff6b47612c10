"""Is it wrong? Asked after each request, of the answer and of the thread's own connection to the database."""

import re
from collections.abc import Callable
from threading import Lock
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from tests.drills.client import Answer
from tests.drills.truth import Sees
from tests.drills.visits import Visit
from victimcare import acting
from victimcare.models import User

CASES = "SELECT id::text FROM cases_case"
CANARY = re.compile(r"Kx[0-9a-f]{14}")
ATTEMPTS = 8


class Servers:
    """Which server connection worked for whom, one after the other."""

    def __init__(self) -> None:
        self._last: dict[int, str] = {}
        self._lock = Lock()
        self.switches = 0

    def note(self, pid: int, user_id: str) -> None:
        with self._lock:
            self.switches += self._last.get(pid, user_id) != user_id
            self._last[pid] = user_id

    @property
    def connections(self) -> int:
        return len(self._last)


def of_answer(visit: Visit, answer: Answer, user: Sees) -> list[str]:
    """Nobody reads what they may not; and what they may is there, or the drill would prove nothing."""
    allowed = frozenset() if visit.around in {"signed out", "leaves"} else user.canaries
    told = frozenset(CANARY.findall(answer.text))
    wrong = [f"{len(told - allowed)} foreign canaries"] if told - allowed else []
    if answer.status == visit.status and not visit.tells <= told:
        wrong.append("own canary missing")
    return wrong


def of_connection(user: Sees, other: Sees, servers: Servers) -> list[str]:
    """Asked again where the connection was ended meanwhile, behind a pooler by another thread's turn."""
    for _attempt in range(ATTEMPTS):
        try:
            return _of_connection(user, other, servers)
        except (OperationalError, InterfaceError):
            connection.close()
    return ["connection lost"]


def _of_connection(user: Sees, other: Sees, servers: Servers) -> list[str]:
    wrong = [
        *_unless(_unsaid() == frozenset(), "rows on a bare connection"),
        *_unless(_cases() == frozenset(), "rows for nobody"),
        *_unless(_as(user, _cases) == user.cases, "not the user's own cases"),
    ]
    with transaction.atomic():
        wrong += _unless(_as(user, _cases) == user.cases, "not the user's own cases in a transaction")
        pid, zone = _as(user, _server)
        servers.note(pid, user.user_id)
        wrong += _unless(zone == connection.timezone_name, f"time zone {zone}")
        wrong += _unless(_cases() == frozenset(), "rows for nobody in a user's transaction")
        wrong += _unless(_as(other, _cases) == other.cases, "not the next user's own cases")
    return wrong


def _unless(right: bool, words: str) -> list[str]:
    return [] if right else [words]


def _as(user: Sees, asked: Callable[[], Any]) -> Any:
    with acting.as_user(User(id=user.user_id)):
        return asked()


def _cases() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(CASES)
        return frozenset(row[0] for row in cursor.fetchall())


def _server() -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_setting('TimeZone')")
        [(pid, zone)] = cursor.fetchall()
        return pid, zone


def _unsaid() -> frozenset[str]:
    """Past Django and its prefix, through the driver."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(CASES)
        return frozenset(row[0] for row in cursor.fetchall())
