"""`make attack`: how many names somebody reads who has a dump of the database and no key.

Usage: python -m victimcare.local.attack [FOLDER WITH NAMES]
"""

import subprocess
import sys
from pathlib import Path

from victimcare.local import children, environments
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem, run_main

PEOPLE = "200000"


def main() -> int:
    folder = "".join(sys.argv[1:2])
    if folder and not Path(folder).is_dir():
        raise Problem("There is no such folder of names.")
    command = children.bound([sys.executable, "-m", "tests.attacks.names", PEOPLE, folder])
    env = environments.without_database()
    return subprocess.run(command, cwd=CHECKOUT, env=env, check=False).returncode


if __name__ == "__main__":
    run_main(main)
