"""`make manage ARGS="..."`: manage.py on the local database, which is started if it does not run."""

import sys

from victimcare.local import commands, environments
from victimcare.local.cluster import ensure
from victimcare.local.places import local_dir
from victimcare.local.problems import run_main


def main() -> int:
    local = local_dir()
    with ensure(local, guest=True) as urls:
        return commands.aloud(environments.serving(local, urls), *sys.argv[1:])


if __name__ == "__main__":
    run_main(main)
