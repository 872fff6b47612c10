"""`make drill`: users who take turns on 16 threads, with every kind of trouble, on a scratch database.

Directly, then through PgBouncer in transaction mode; then with planted faults, which it has to find.
Usage: python -m victimcare.local.drill [REQUESTS]
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from victimcare.local import assets, children, commands, given, pooler, scratch
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem, run_main

REQUESTS = 10_000
THREADS = 16
PLANTED_REQUESTS = 320
PLANTS = ("session-scope", "nobody-unsaid")
# Fewer than the threads, so that users share them.
SERVER_CONNECTIONS = 5
FOUND_WRONG = 3


def main() -> int:
    if given.is_given():
        raise Problem(
            "The drill fills a database with invented people: unset DATABASE_URL, it makes its own."
        )
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    with scratch.environment() as (local, env):
        set_up(local, env)
        failed = _run(env, "directly", requests)
        failed |= _misses(env)
        try:
            with pooler.before(env["DATABASE_URL"], local, size=SERVER_CONNECTIONS) as pooled:
                env |= {"DATABASE_URL": pooled}
                failed |= _run(env, "through PgBouncer", requests, "shared")
                failed |= _misses(env, "shared")
        except Problem as problem:
            print(f"{problem} Only the direct half was drilled.", flush=True)
            failed = True
    print("The drill found something wrong, or could not be run whole." if failed else "Nothing wrong.")
    return int(failed)


def set_up(local: Path, env: Mapping[str, str]) -> None:
    log = children.fresh_log(local / "set-up.log")
    print("Making a database with people of several organisations", flush=True)
    assets.build(local)
    commands.quietly(env, log, "migrate", "--no-input", "--verbosity=0")
    if python({**env, "VICTIMCARE_ROLE": "owner"}, "people"):
        raise Problem("The people of the drill could not be made; the error is above.")


def _run(env: Mapping[str, str], way: str, requests: int, *shared: str) -> bool:
    """Whether it failed."""
    return python(env, "threads", way, str(requests), str(THREADS), *shared) != 0


def _misses(env: Mapping[str, str], *shared: str) -> bool:
    """Whether a planted fault was not found."""
    missed = False
    for plant in PLANTS:
        planted = {**env, "DRILL_PLANT": plant}
        code = python(planted, "threads", plant, str(PLANTED_REQUESTS), str(THREADS), *shared)
        print(f"  planted fault {plant}: {'found' if code == FOUND_WRONG else 'NOT FOUND'}", flush=True)
        missed |= code != FOUND_WRONG
    return missed


def python(env: Mapping[str, str], *arguments: str) -> int:
    """One of the drills' commands; its exit code."""
    command = children.bound([sys.executable, "-m", "tests.drills", *arguments])
    process = subprocess.Popen(command, cwd=CHECKOUT, env=dict(env))
    try:
        return process.wait()
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    run_main(main)
