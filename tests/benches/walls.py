"""Measures what row-level security costs: the same statements and pages with it and without, in turns, in one
process and on one connection. Run by `make bench-walls`.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from tests import prepared  # noqa: E402
from tests.benches import questions, seed  # noqa: E402
from victimcare import acting, scope  # noqa: E402
from victimcare.encryption import keyring  # noqa: E402
from victimcare.models import User  # noqa: E402
from victimcare.planned import Key  # noqa: E402

PAIRS = 200
NAMES = {False: "asked_without", True: "asked_with"}
QUERY_MS, PAGE_MS, BUFFERS, CASELOAD_BUFFERS = 0.3, 3.0, 1.25, 2000


@dataclass(frozen=True)
class Pair:
    """One figure without the wall and with it."""

    name: str
    off: float
    on: float
    difference: float


class Wall:
    """One connection, in front of the wall or behind it."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.raw = connection.connection.cursor()
        self.process = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        # A plan is made for one role: on one connection each has its own.
        self.planned: dict[bool, dict[Key, str]] = {False: {}, True: {}}

    def stand(self, *, on: bool) -> None:
        """Behind it everything runs as the application's role and in a scope, as in the product."""
        self.raw.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"' if on else "RESET ROLE")
        connection.execute_wrappers[:] = [scope.scoped] if on else []
        prepared.keep_names(connection, self.planned[on])

    def processor(self) -> float:
        """Milliseconds that the server's process has worked so far."""
        return int(self.process.read_text().split()[0]) / 1e6

    def statement(self, sql: str, *, on: bool) -> str:
        said = scope.said_by(acting.name())
        return f"SELECT set_config('app.scope', '{said}', true); {sql}" if on else sql


def pairs(name: str, once: Callable[[bool], float]) -> Pair:
    """PAIRS times one after the other, each as often first; `once(on)` gives the milliseconds."""
    found: dict[bool, list[float]] = {False: [], True: []}
    for number in range(-5, PAIRS):
        for on in (False, True) if number % 2 else (True, False):
            took = once(on)
            if number >= 0:
                found[on].append(took)
    differences = [on - off for off, on in zip(found[False], found[True], strict=True)]
    return Pair(name, median(found[False]), median(found[True]), median(differences))


def query(wall: Wall, question: questions.Question) -> Pair:
    """Planned before, as the product's own connections do."""

    for on, name in NAMES.items():
        wall.stand(on=on)
        wall.raw.execute(f"PREPARE {name} AS {question.sql}")

    def once(on: bool) -> float:
        wall.stand(on=on)
        sql = wall.statement(f"EXECUTE {NAMES[on]}", on=on)
        began = time.perf_counter()
        wall.raw.execute(sql)
        wall.raw.fetchall()
        return (time.perf_counter() - began) * 1000

    with acting.as_user(question.user), acting.within(question.within):
        found = pairs(question.name, once)
    for name in NAMES.values():
        wall.raw.execute(f"DEALLOCATE {name}")
    return found


def buffers(wall: Wall, question: questions.Question) -> Pair:
    read = {}
    with acting.as_user(question.user), acting.within(question.within):
        for on in (False, True):
            wall.stand(on=on)
            explained = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {question.sql}"
            wall.raw.execute(wall.statement(explained, on=on))
            plan = wall.raw.fetchone()[0][0]["Plan"]
            read[on] = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return Pair(question.name, read[False], read[True], read[True] - read[False])


def page(wall: Wall, user: User, name: str, url: str) -> Pair:
    """Milliseconds of the server's processor for a whole page."""
    wall.stand(on=False)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])

    def once(on: bool) -> float:
        wall.stand(on=on)
        before = wall.processor()
        assert client.get(url).status_code == 200, url
        return wall.processor() - before

    return pairs(name, once)


def verdict(reached: bool) -> str:
    return "ok" if reached else "NOT REACHED"


def table(title: str, rows: list[Pair], reached: Callable[[Pair], bool], digits: int = 2) -> bool:
    print(f"\n{title}\n\n| | off | on | difference | |\n|---|---:|---:|---:|---|")
    for row in rows:
        figures = " | ".join(f"{value:.{digits}f}" for value in (row.off, row.on, row.difference))
        print(f"| {row.name} | {figures} | {verdict(reached(row))} |", flush=True)
    return all(reached(row) for row in rows)


def _sum(rows: list[Pair]) -> Pair:
    return Pair(
        "all of them", *(sum(getattr(row, side) for row in rows) for side in ("off", "on", "difference"))
    )


def main(cases: int) -> int:
    with keyring.held():
        made = seed.fill(cases)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    asked, wall = questions.of(made), Wall()
    print(f"{cases} cases, {PAIRS} pairs, one connection; milliseconds are medians.")
    everything = [
        table(
            f"A query, in ms: at most {QUERY_MS} more",
            [query(wall, one) for one in asked],
            lambda row: row.difference <= QUERY_MS,
        ),
        table(
            f"A page, in ms of the database's processor: at most {PAGE_MS} more",
            [page(wall, *one) for one in questions.pages(made)],
            lambda row: row.difference <= PAGE_MS,
        ),
    ]
    read = [buffers(wall, one) for one in asked]
    everything += [
        table(
            "Buffers a query: at most a quarter more",
            [*read, _sum(read)],
            lambda row: row.on <= row.off * BUFFERS,
            0,
        ),
        table(
            f"The caseload's buffers: at most {CASELOAD_BUFFERS}",
            [row for row in read if row.name.endswith("grants")],
            lambda row: row.on <= CASELOAD_BUFFERS,
            0,
        ),
    ]
    return 0 if all(everything) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
