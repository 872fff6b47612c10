"""`make drill-places`: many accept at once what has one free place, again and again, in two processes.

Usage: python -m victimcare.local.drill_places [ACCEPTORS ROUNDS]
"""

import sys

from victimcare.local import assets, children, commands, given, scratch
from victimcare.local.drill import python
from victimcare.local.problems import Problem, run_main

ACCEPTORS, ROUNDS = "200", "100"


def main() -> int:
    if given.is_given():
        raise Problem("The drill makes a database of its own: unset DATABASE_URL.")
    acceptors, rounds = sys.argv[1:3] or (ACCEPTORS, ROUNDS)
    with scratch.environment() as (local, env):
        print(f"Making a database with {acceptors} acceptors", flush=True)
        assets.build(local)
        commands.quietly(
            env, children.fresh_log(local / "set-up.log"), "migrate", "--no-input", "--verbosity=0"
        )
        if python({**env, "VICTIMCARE_ROLE": "owner"}, "acceptors", acceptors, rounds):
            raise Problem("The acceptors of the drill could not be made; the error is above.")
        failed = python(env, "places", acceptors, rounds) != 0
    print("The drill found something wrong." if failed else "Nothing wrong.")
    return int(failed)


if __name__ == "__main__":
    run_main(main)
