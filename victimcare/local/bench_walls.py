"""`make bench-walls`: what the second wall costs at the size of a member state, on a scratch database.

Usage: python -m victimcare.local.bench_walls [CASES]
"""

import subprocess
import sys

from victimcare.local import assets, children, commands, scratch
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import run_main

CASES = "200000"


def main() -> int:
    cases = sys.argv[1] if len(sys.argv) > 1 else CASES
    with scratch.environment() as (local, env):
        assets.build(local)
        commands.quietly(
            env, children.fresh_log(local / "set-up.log"), "migrate", "--no-input", "--verbosity=0"
        )
        # One connection that may take the application's role, and leave it again.
        command = children.bound([sys.executable, "-m", "tests.benches.walls", cases])
        return subprocess.run(
            command, cwd=CHECKOUT, env=env | {"VICTIMCARE_ROLE": "owner"}, check=False
        ).returncode


if __name__ == "__main__":
    run_main(main)
