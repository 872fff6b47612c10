"""`make mutants`: how many small faults, planted one by one, do the tests notice? In two processes, each with
a database of its own.

Usage: python -m victimcare.local.mutants [GROUP]…
"""

import re
import subprocess
import sys

from tests.mutants.groups import GROUPS
from victimcare.local import children
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem, run_main

PARTS = 2
PLAIN = ("-p", "tests.mutants.plugin", "-p", "no:randomly", "-q", "-m", "not slow")
COUNTED = re.compile(r"^mutants (\d+) survivors (\d+)$")


def main() -> int:
    names = sys.argv[1:] or list(GROUPS)
    if unknown := set(names) - set(GROUPS):
        raise Problem(f"There is no group {', '.join(unknown)}. There are: {', '.join(GROUPS)}.")
    reached = [_tried(name) for name in names]
    return 0 if all(reached) else 1


def _tried(name: str) -> bool:
    parts = [_started(name, f"{part}/{PARTS}") for part in range(1, PARTS + 1)]
    counts = [_counted(part) for part in parts]
    if None in counts:
        raise Problem(f"The mutants of {name} could not be tried: see above.")
    made, survived = (sum(count) for count in zip(*filter(None, counts), strict=True))
    score, least = 100 * (made - survived) / made, GROUPS[name].least
    reached = score >= least
    print(f"{name}: {made - survived} of {made} noticed, {score:.1f} %, at least {least} %:"
          f" {'ok' if reached else 'NOT REACHED'}", flush=True)  # fmt: skip
    return reached


def _started(name: str, part: str) -> subprocess.Popen[str]:
    suite = [sys.executable, "-m", "victimcare.local.suite", *PLAIN, "--mutants", name, "--part", part]
    return subprocess.Popen(children.bound(suite), cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)


def _counted(process: subprocess.Popen[str]) -> tuple[int, int] | None:
    """How many were made and how many survived; None if it failed. What else it says is passed on."""
    found = None
    output, _nothing = process.communicate()
    for line in output.splitlines():
        if match := COUNTED.match(line):
            found = (int(match[1]), int(match[2]))
        elif line.startswith(("survived", "ERROR", "E ")):
            print(line, flush=True)
    return found if process.returncode == 0 else None


if __name__ == "__main__":
    run_main(main)
