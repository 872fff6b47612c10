"""`make bench-import`: how fast import_cases is, on a scratch database with all its safety on.

Usage: python -m victimcare.local.bench MAPPING FILE --organization CODE
"""

import os
import sys
import time

from victimcare.local import commands, run, scratch
from victimcare.local.problems import Problem, run_main


def main() -> int:
    if len(sys.argv) < 3:
        raise Problem(
            'Name a mapping and a file: make bench-import ARGS="linea144 FILE --organization AR-144".'
        )
    with scratch.environment(durable=True) as (local, env):
        run.set_up(local, env)
        before, started = os.times().children_user, time.monotonic()
        code = commands.aloud(env, "import_cases", *sys.argv[1:])
        seconds, processor = time.monotonic() - started, os.times().children_user - before
        print(
            f"{seconds:.1f} s by the wall clock, {processor:.1f} s of processor time in the importing process"
        )
    return code


if __name__ == "__main__":
    run_main(main)
