"""Who and what there is, by number: every process knows the ids of all places and people without asking.

What a page shows must not grow with the number of cases, or growth of pages could not be measured: a team
has 500 cases, a worker at most 200 that run, an agency 20 teams. Only the number of teams, agencies,
providers and certifying bodies grows, and with it what the whole state shares.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from hashlib import md5

from victimcare import codelists
from victimcare.numbers import ALPHABET, CHECK_ALPHABET, LENGTH

STATE, TIME_ZONE = "AR", "America/Argentina/Buenos_Aires"
LEAST = 2_000
CASES_A_TEAM, TEAMS_AN_AGENCY, CASES_A_PROVIDER, CASES_A_BODY = 500, 20, 200, 100_000
LOCATIONS_A_PROVIDER, SERVICES_A_PROVIDER, STAFF = 10, 20, 2
YEARS = 6
# The first is the one that the bench asks for.
SERVICE_KINDS = [
    "shelter", "legal_aid", "psychological_support", "medical_care", "drug_treatment_outpatient",
    "social_work", "detoxification", "reintegration",
]  # fmt: skip

# The people of a team: one supervisor, who works there, who did, and who only learns there.
SUPERVISOR = 0
WORKERS = range(1, 15)
FORMER = range(15, 21)
PRACTITIONERS = range(21, 25)
PEOPLE = 25
# In the first team: with 200 running cases, and with 30.
BUSY, MODEST = 1, 2

# How many of a team's cases are in which state.
RUNNING = {"open": 190, "reopened": 25, "on_hold": 25, "closing": 20, "intake": 15}


def uid(kind: str, number: object) -> str:
    """The id of the so-manieth of its kind: random to look at, and the same in every process."""
    return md5(f"{kind} {number}".encode(), usedforsecurity=False).hexdigest()


def number_of(kind: int, number: int) -> str:
    """As victimcare/numbers.py writes one: to look at as random, never twice within a kind.

    An odd factor maps all numbers of 45 bits onto all of them; those with no check character are passed over.
    """
    for attempt in range(2**10):
        value = ((attempt << 32 | kind << 28 | number) * 0x1E3779B97F4B) & (2**45 - 1)
        check = CHECK_ALPHABET[value % len(CHECK_ALPHABET)]
        if check in ALPHABET:
            body = "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(LENGTH)))
            return f"{body[:3]}-{body[3:6]}-{body[6:]}-{check}"
    raise AssertionError


@dataclass(frozen=True)
class Plan:
    """A member state of so many cases, on the day of `now`."""

    cases: int
    now: datetime
    names_folder: str = ""

    @cached_property
    def teams(self) -> int:
        return self.cases // CASES_A_TEAM

    @cached_property
    def agencies(self) -> int:
        return -(-self.teams // TEAMS_AN_AGENCY)

    @cached_property
    def providers(self) -> int:
        return self.cases // CASES_A_PROVIDER

    @cached_property
    def bodies(self) -> int:
        return max(1, self.cases // CASES_A_BODY)

    @cached_property
    def regions(self) -> list[str]:
        """Each with two providers or more."""
        found = [each.code for each in codelists.get("region") if each.code.startswith(f"{STATE}-")]
        return found[: max(1, self.providers // 2)]

    def region_of(self, number: int) -> str:
        """Of an agency or a provider."""
        return self.regions[number % len(self.regions)]

    def agency_of(self, team: int) -> int:
        return team // TEAMS_AN_AGENCY

    def place_of(self, case: int) -> tuple[int, int]:
        """The team of a case, and which of that team's it is. Cases are numbered as they were opened, so that
        those of a team lie scattered among all others, as in life.
        """
        return case % self.teams, case // self.teams

    def opened_at(self, case: int) -> datetime:
        """In the order of their numbers, on working days and in the night alike: help never closes."""
        begin = self.now - timedelta(days=365 * YEARS)
        return begin + (self.now - timedelta(days=1) - begin) * (case / self.cases)

    def case_at(self, team: int, place: int) -> int:
        return place * self.teams + team

    @cached_property
    def own_cases(self) -> list[int]:
        """The open cases of the worker with 200, the newest first."""
        places = [
            place for place, one in enumerate(slots(first=True)) if (one.worker, one.status) == (BUSY, "open")
        ]
        return [self.case_at(0, place) for place in reversed(places)]

    @cached_property
    def busy_case(self) -> int:
        """With much on it."""
        return self.own_cases[0]

    @cached_property
    def candidates_case(self) -> int:
        """For which a service is sought: referred nowhere yet."""
        return self.own_cases[2]

    @cached_property
    def bare_case(self) -> int:
        """With one record of each kind."""
        return self.own_cases[1]


def user(team: int, person: int) -> str:
    return uid("user", f"{team}.{person}")


def staff(provider: int, person: int) -> str:
    return uid("staff", f"{provider}.{person}")


@dataclass(frozen=True, slots=True)
class Slot:
    """What one of a team's cases is: its state, who works on it, who else does, who did."""

    status: str
    worker: int
    colleague: int
    former: int | None


@cache
def slots(*, first: bool) -> list[Slot]:
    """Of a team's cases in the order in which they were opened; the first team is unlike the others."""
    chance = random.Random(CASES_A_TEAM)  # the same each time; nothing secret
    states = _states(chance)
    count = sum(RUNNING.values())
    running = iter(_busy(chance) if first else _dealt(chance, count))
    closed = iter(_dealt(chance, CASES_A_TEAM - count))
    found = []
    for status in states:
        worker, colleague = next(closed if status == "closed" else running)
        former = chance.choice(FORMER) if status == "closed" and chance.random() < 0.5 else None
        found.append(Slot(status, worker, colleague, former))
    return found


def _states(chance: random.Random) -> list[str]:
    """The newer a case, the more likely it runs."""
    lots = sorted(range(CASES_A_TEAM), key=lambda place: -chance.random() * (place + CASES_A_TEAM / 10))
    words = [status for status, count in RUNNING.items() for _ in range(count)]
    chance.shuffle(words)
    found = ["closed"] * CASES_A_TEAM
    for place, status in zip(lots, words, strict=False):
        found[place] = status
    return found


def _dealt(chance: random.Random, count: int) -> Iterator[tuple[int, int]]:
    """Pairs of workers of a team, some busier than others."""
    weights = [0.6 + 0.9 * place / len(WORKERS) for place in range(len(WORKERS))]
    for _case in range(count):
        worker = colleague = chance.choices(WORKERS, weights)[0]
        while colleague == worker:
            colleague = chance.choices(WORKERS, weights)[0]
        yield worker, colleague


def _busy(chance: random.Random) -> list[tuple[int, int]]:
    """Of the first team's running cases one worker has 200, one 30; others help, and have the rest."""
    others = [worker for worker in WORKERS if worker not in {BUSY, MODEST}]
    count = sum(RUNNING.values())
    workers = [BUSY] * 200 + [MODEST] * 30 + chance.choices(others, k=count - 230)
    chance.shuffle(workers)
    return [(worker, chance.choice([one for one in others if one != worker])) for worker in workers]
