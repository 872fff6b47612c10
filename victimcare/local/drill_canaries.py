"""`make drill-canaries`: 500 people whose words can be known again go through all of the product; nothing of
them may stand in a log, a mail, a task, a session or a temporary file. Usage: ... [PEOPLE]
"""

import subprocess
import sys

from victimcare.local import assets, children, given, homes, scratch
from victimcare.local.accounts import server_account
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem, run_main


def main() -> int:
    if given.is_given():
        raise Problem("The drill makes databases of its own: unset DATABASE_URL.")
    with scratch.environment() as (local, env):
        assets.build(local)
        log = homes.home(local, server_account()) / "server.log"
        command = children.bound([sys.executable, "-m", "tests.drills.canaries", *sys.argv[1:]])
        env |= {"VICTIMCARE_SERVER_LOG": str(log)}
        return subprocess.run(command, cwd=CHECKOUT, env=env, check=False).returncode


if __name__ == "__main__":
    run_main(main)
