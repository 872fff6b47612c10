"""One free place, and many who accept at the same moment: in two processes, on threads with connections of
their own. Exactly one gets it, and all others are told that no place is free.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from referrals import actions
from referrals.models import Referral, ServiceAtLocation
from tests import factories
from tests.browser.product import ROOT
from tests.drills import plants
from tests.drills.people import _sent
from tests.drills.writers import acting_with_keys
from victimcare.encryption import keyring
from victimcare.logs import described
from victimcare.models import Role, User

NAME, KEEPER = "acceptor", "keeper"
PROCESSES, THREADS = 2, 24
ACCEPTED, NO_PLACE = "accepted", "no place is free"


def make(acceptors: int, rounds: int) -> None:
    """Each round takes one referral away."""
    with keyring.held():
        world = factories.World()
        assert world.accreditation
        factories.member(Role.PROVIDER, world.shelter, None, KEEPER)
        for number in range(acceptors):
            factories.member(Role.PROVIDER, world.shelter, None, f"{NAME}{number:03}")
        for _number in range(acceptors + rounds):
            _sent(factories.case(world.team, world.caseworker), world.offer, world.caseworker)


@dataclass
class Figures:
    acceptors: int
    rounds: int = 0
    seconds: float = 0.0
    taken: Counter[int] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    left: Counter[int] = field(default_factory=Counter)

    @property
    def is_wrong(self) -> bool:
        others = {NO_PLACE: (self.acceptors - 1) * self.rounds}
        return (
            set(self.taken) != {1}
            or set(self.left) != {0}
            or dict(self.answers) != {ACCEPTED: self.rounds} | others
        )

    def text(self) -> str:
        taken = ", ".join(f"{count} by {number}" for number, count in sorted(self.taken.items()))
        said = "; ".join(f"{count} x {what}" for what, count in self.answers.most_common(6))
        return (
            f"{self.acceptors} acceptors, {self.rounds} rounds, {PROCESSES} processes, {self.seconds:.0f} s\n"
            f"  places taken: {taken}\n  answers: {said}\n"
        )


def drill(acceptors: int, rounds: int) -> Figures:
    figures, began = Figures(acceptors), time.monotonic()
    share = acceptors // PROCESSES
    halves = [_process(number * share, (number + 1) * share) for number in range(PROCESSES)]
    try:
        for _number in range(rounds):
            _round(figures, halves)
    finally:
        for half in halves:
            half.communicate()
    figures.seconds = time.monotonic() - began
    return figures


def _process(first: int, last: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.drills", "accept", str(first), str(last)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _round(figures: Figures, halves: Sequence["subprocess.Popen[str]"]) -> None:
    """Both are told to begin, then both are listened to."""
    _one_place()
    for half in halves:
        assert half.stdin
        half.stdin.write("begin\n")
        half.stdin.flush()
    before = figures.answers[ACCEPTED]
    for half in halves:
        assert half.stdout
        figures.answers.update(half.stdout.readline().strip().split("\t"))
    figures.rounds += 1
    figures.taken[figures.answers[ACCEPTED] - before] += 1
    figures.left[ServiceAtLocation.objects.get().places_free or 0] += 1


def _one_place() -> None:
    keeper, offer = User.objects.get(username=KEEPER), ServiceAtLocation.objects.get()
    with acting_with_keys(keeper):
        actions.update_places(offer, places_free=1, is_active=True, by=keeper)


def accept(first: int, last: int) -> None:
    """One of the processes: its users accept at once, each another referral, as often as it is told to."""
    users = list(User.objects.filter(username__startswith=NAME).order_by("username")[first:last])
    plant = os.environ.get(plants.VARIABLE)
    with plants.PLACE_PLANTS[plant]() if plant else nullcontext(), ThreadPoolExecutor(THREADS) as threads:
        for _line in sys.stdin:
            answers = threads.map(_accept, users, _waiting(users[0], first, last))
            sys.stdout.write("\t".join(answers) + "\n")
            sys.stdout.flush()
        for _thread in range(THREADS):
            threads.submit(connection.close)


def _waiting(user: User, first: int, last: int) -> list[UUID]:
    with acting_with_keys(user):
        waiting = Referral.objects.filter(status=Referral.Status.SENT).order_by("pk")
        return list(waiting.values_list("pk", flat=True)[first:last])


def _accept(user: User, referral: UUID) -> str:
    try:
        with acting_with_keys(user):
            actions.accept_referral(Referral.objects.get(pk=referral), by=user)
    except actions.NoPlace:
        return NO_PLACE
    except Exception as error:
        return described(error)
    return ACCEPTED
