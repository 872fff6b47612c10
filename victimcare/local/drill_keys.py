"""`make drill-keys`: keys of a member state change under writers while the command is killed; then recovery.

Usage: python -m victimcare.local.drill_keys [WRITERS FILLING KILLS]
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from victimcare.local import assets, children, commands, given, recovery, scratch
from victimcare.local.drill import python
from victimcare.local.problems import Problem, run_main

WRITERS, FILLING, KILLS = "20", "3000", "10"


def main() -> int:
    if given.is_given():
        raise Problem(
            "The drill fills a database with invented people: unset DATABASE_URL, it makes its own."
        )
    writers, filling, kills = sys.argv[1:4] or (WRITERS, FILLING, KILLS)
    with scratch.environment() as (local, env):
        set_up(local, env, writers, filling)
        failed = python(env, "keys", kills) != 0
        print("Recovery from a dump without keys and a dump of keys", flush=True)
        failed |= not recovery.play(local, env)
    print("The drill found something wrong." if failed else "Nothing wrong.")
    return int(failed)


def set_up(local: Path, env: Mapping[str, str], writers: str, filling: str) -> None:
    log = children.fresh_log(local / "set-up.log")
    print(f"Making a database with {writers} writers and {filling} more keys", flush=True)
    assets.build(local)
    commands.quietly(env, log, "migrate", "--no-input", "--verbosity=0")
    if python({**env, "VICTIMCARE_ROLE": "owner"}, "writers", writers, filling):
        raise Problem("The writers of the drill could not be made; the error is above.")


if __name__ == "__main__":
    run_main(main)
