"""`make bench-search`: how fast search is among a million people of one organisation, and how large, on a
scratch database.

Usage: python -m victimcare.local.bench_search [PEOPLE [FOLDER WITH NAMES]]
"""

import subprocess
import sys
from pathlib import Path

from victimcare.local import assets, children, commands, scratch
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem, run_main

PEOPLE, LEAST = "1000000", 100_000


def main() -> int:
    people, folder = (*sys.argv[1:], PEOPLE)[0], "".join(sys.argv[2:3])
    if not people.isdigit() or int(people) < LEAST:
        raise Problem(f"Say how many people, at least {LEAST}: make bench-search CASES={LEAST}")
    if folder and not Path(folder).is_dir():
        raise Problem("There is no such folder of names.")
    with scratch.environment() as (local, env):
        assets.build(local)
        log = children.fresh_log(local / "set-up.log")
        commands.quietly(env, log, "migrate", "--no-input", "--verbosity=0")
        # One connection that may take the application's role, and leave it again.
        command = children.bound([sys.executable, "-m", "tests.benches.search", people, folder])
        done = subprocess.run(command, cwd=CHECKOUT, env=env | {"VICTIMCARE_ROLE": "owner"}, check=False)
        return done.returncode


if __name__ == "__main__":
    run_main(main)
