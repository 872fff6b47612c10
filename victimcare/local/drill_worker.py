"""`make drill-worker`: background workers are killed at random while they work.

Usage: python -m victimcare.local.drill_worker [KILLS]
"""

import sys

from victimcare.local import assets, children, commands, given, scratch
from victimcare.local.drill import python
from victimcare.local.problems import Problem, run_main

KILLS = "100"


def main() -> int:
    if given.is_given():
        raise Problem("The drill makes a database of its own: unset DATABASE_URL.")
    kills = sys.argv[1] if len(sys.argv) > 1 else KILLS
    with scratch.environment() as (local, env):
        print(f"Killing background workers {kills} times", flush=True)
        assets.build(local)
        commands.quietly(
            env, children.fresh_log(local / "set-up.log"), "migrate", "--no-input", "--verbosity=0"
        )
        if python({**env, "VICTIMCARE_ROLE": "owner"}, "worked"):
            raise Problem("The drill's account could not be made; the error is above.")
        failed = python(env, "workers", kills) != 0
    print("The drill found something wrong." if failed else "Nothing wrong.")
    return int(failed)


if __name__ == "__main__":
    run_main(main)
