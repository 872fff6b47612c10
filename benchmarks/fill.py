"""Fills an empty database with a member state of so many cases: run in a process of its own, as the owner."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks import bare, places, working  # noqa: E402
from benchmarks.cast import cast  # noqa: E402
from benchmarks.plan import STATE, Plan  # noqa: E402
from victimcare.sealing.sealing import seal_chain  # noqa: E402

PROCESSES = 2


@contextmanager
def told(what: str, count: int = 0) -> Iterator[None]:
    """Processor time is that of our own processes: on a machine that does other work it tells more."""
    began, used = time.monotonic(), processor()
    yield
    seconds, busy = time.monotonic() - began, processor() - used
    rate = f", {count / seconds:,.0f} cases a second" if count else ""
    print(f"{what}: {seconds:.1f} s{rate}; {busy:.1f} s of processor", flush=True)


def processor() -> float:
    """Seconds, of this process and of those that it started and that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def fill(made: Plan) -> None:
    began = time.monotonic()
    with connection.cursor() as cursor:
        taken = bare.Bare(cursor, working.filled(cursor))
        with transaction.atomic():
            taken.take_off(cursor)
        with told("places"):
            places.begin(cursor, made)
        with told("loading", made.cases):
            load(made)
        with told("indexes, foreign keys and triggers", made.cases):
            taken.make_again(cursor)
        with told("vacuum and analyse"):
            bare.at_once([f"VACUUM ANALYZE {table}" for table in (*taken.tables, "victimcare_seal")])
        cursor.execute("SELECT pg_database_size(current_database()) / 1e9")
        size = cursor.fetchone()[0]
    seconds = time.monotonic() - began
    print(f"{made.cases:,} cases in {seconds:.0f} s, {made.cases / seconds:,.0f} a second; {size:.2f} GB.")


def load(made: Plan) -> None:
    """Two processes, each with a connection of its own: sealing is what takes the time."""
    tasks = working.tasks(made)
    spawned = get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, spawned, working.begin, (made,)) as pool:
        for lines in pool.map(working.write, tasks):
            if lines:
                with transaction.atomic():
                    seal_chain(STATE, lines)


def main(cases: int, file: str, folder: str, now: datetime) -> int:
    made = Plan(cases, now, folder)
    fill(made)
    Path(file).write_text(json.dumps(cast(made)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3], timezone.now()))
