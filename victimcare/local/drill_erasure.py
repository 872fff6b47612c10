"""`make drill-erasure`: erases a person who went through all of the product, and looks for them everywhere,
in a restored backup too; on a scratch database.
"""

import subprocess
import sys

from victimcare.local import assets, children, given, scratch
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem, run_main


def main() -> int:
    if given.is_given():
        raise Problem("The drill makes databases of its own: unset DATABASE_URL.")
    with scratch.environment() as (local, env):
        assets.build(local)
        command = children.bound([sys.executable, "-m", "tests.drills.erasure"])
        return subprocess.run(command, cwd=CHECKOUT, env=env, check=False).returncode


if __name__ == "__main__":
    run_main(main)
