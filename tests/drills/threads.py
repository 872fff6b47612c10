"""Users who take turns on threads, each with a connection of its own: what any of them sees is theirs.

The process logs in as the application's role. Nothing is patched but what troubles.py plants, and a fault.
"""

import os
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from random import Random
from threading import Lock, Thread
from typing import Any

from django.conf import settings
from django.core.signals import got_request_exception
from django.core.wsgi import get_wsgi_application
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from tests.drills import judge, plants, troubles, truth, visits
from tests.drills.client import ask
from tests.drills.people import LEAVER
from victimcare.models import User

SEED = 20261124
# Of so many requests one is by somebody whose account is closed meanwhile.
LEAVES_EVERY = 40
# What a request says whose connection was ended; while it stores the session, Django says 400.
CUT_OFF = (400, 500)
NOTICED_WITHIN = 3.0
SHOWN = 6


@dataclass
class Figures:
    threads: int
    users: int
    seconds: float = 0.0
    requests: int = 0
    exceptions: int = 0
    ended: int = 0
    repeated: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    otherwise: Counter[str] = field(default_factory=Counter)
    visits: Counter[str] = field(default_factory=Counter)
    servers: judge.Servers = field(default_factory=judge.Servers)
    lock: Any = field(default_factory=Lock)

    def add(self, wrong: Iterable[str], otherwise: Iterable[str], what: str) -> None:
        with self.lock:
            self.requests += 1
            self.visits[what] += 1
            self.wrong.update(wrong)
            self.otherwise.update(otherwise)

    def text(self, name: str) -> str:
        each = self.servers.switches / max(self.servers.connections, 1)
        lines = [
            f"{name}: {self.requests} requests, {self.wrong.total()} wrong, {self.otherwise.total()} "
            f"answered otherwise than meant; {self.threads} threads, {self.users} users; "
            f"{self.exceptions} exceptions raised, {self.ended} connections ended, "
            f"{self.repeated} requests repeated that were cut off by that; {self.seconds:.0f} s",
            f"  {self.servers.connections} server connections, {each:.0f} changes of user on each",
            *(f"  WRONG: {words}: {count}" for words, count in self.wrong.most_common(SHOWN)),
            *(f"  NOT AS MEANT: {words}: {count}" for words, count in self.otherwise.most_common(SHOWN)),
        ]
        return "\n".join(lines) + "\n"


class Drill:
    """`shared`: a server connection that one thread ends may be at work for another."""

    def __init__(self, requests: int, threads: int, *, shared: bool) -> None:
        self.shared = shared
        self.truth = truth.told()
        self.users = [user for user in self.truth.users if user.username != LEAVER]
        [self.leaver] = [user for user in self.truth.users if user.username == LEAVER]
        self.sessions = {user.user_id: _session(user.user_id) for user in self.truth.users}
        self.application = get_wsgi_application()
        self.figures = Figures(threads, len(self.truth.users))
        self.requests = requests
        self.leaving = Lock()

    def run(self) -> Figures:
        got_request_exception.connect(self._count)
        started = time.monotonic()
        numbers = range(self.figures.threads)
        running = [Thread(target=self._turns, args=(number,)) for number in numbers]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        self.figures.ended = troubles.ended()
        self.figures.seconds = time.monotonic() - started
        got_request_exception.disconnect(self._count)
        return self.figures

    def _count(self, **kwargs: Any) -> None:
        with self.figures.lock:
            self.figures.exceptions += 1

    def _turns(self, number: int) -> None:
        dice = Random(SEED + number)
        for turn in range(number, self.requests, self.figures.threads):
            try:
                self._leave(dice) if turn % LEAVES_EVERY == 0 else self._turn(dice)
            except Exception as error:
                # A thread that stops is found, not passed over.
                self.figures.add([], [f"{type(error).__name__} in the drill: {error}"], "stopped")
        connection.close()

    def _turn(self, dice: Random) -> None:
        user, make = dice.choice(self.users), dice.choice(visits.EVERYBODYS)
        visit = make(user, self.truth, dice)
        if visit.around == "killed":
            self._end_connection()
        self._visit(visit, make.__name__, user, dice)

    def _leave(self, dice: Random) -> None:
        """One at a time: others would not know whether the account is open."""
        with self.leaving:
            _set_active(self.leaver.user_id, False)
            nobody = truth.Sees(**self.leaver.__dict__ | {"cases": frozenset(), "canaries": frozenset()})
            self._visit(visits.leaver(self.leaver, self.truth, dice), "leaver", nobody, dice)
            _set_active(self.leaver.user_id, True)
            self._visit(visits.own_case(self.leaver, self.truth, dice), "leaver is back", self.leaver, dice)

    def _visit(self, visit: visits.Visit, what: str, user: truth.Sees, dice: Random) -> None:
        started = time.monotonic()
        with troubles.next_request(visit.trouble):
            answer = ask(self.application, visit, self.sessions[user.user_id])
        others = [one for one in self.users if one.user_id != user.user_id]
        wrong = [
            *judge.of_answer(visit, answer, user),
            *judge.of_connection(user, dice.choice(others), self.figures.servers),
        ]
        if not wrong and answer.status in CUT_OFF and answer.status != visit.status and self._cut(started):
            self._visit(visit, what, user, dice)
            return
        otherwise = [] if answer.status == visit.status else [f"{what}: {answer.status} for {visit.status}"]
        self.figures.add((f"{what}: {words}" for words in wrong), otherwise, what)

    def _end_connection(self) -> None:
        try:
            troubles.end_connection()
        except (OperationalError, InterfaceError):
            if not self.shared:
                raise
            connection.close()

    def _cut(self, started: float) -> bool:
        with self.figures.lock:
            cut = self.shared and troubles.ended_at() > started - NOTICED_WITHIN
            self.figures.repeated += cut
            return cut


def drill(requests: int, threads: int, *, shared: bool) -> Figures:
    plant = os.environ.get(plants.VARIABLE)
    with plants.PLANTS[plant]() if plant else nullcontext(), troubles.possible():
        return Drill(requests, threads, shared=shared).run()


def _session(user_id: str) -> str:
    client = Client()
    client.force_login(User.objects.get(pk=user_id), backend=settings.AUTHENTICATION_BACKENDS[0])
    return str(client.cookies["sessionid"].value)


def _set_active(user_id: str, active: bool) -> None:
    with truth.owner() as cursor:
        cursor.execute("UPDATE victimcare_user SET is_active = %s WHERE id = %s", [active, user_id])
