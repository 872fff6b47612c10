"""`make bench-fill`: makes the data set of the bench, a member state of so many cases, and says how
long it took.

Usage: python -m victimcare.local.bench_fill CASES [FOLDER WITH NAMES]
"""

import sys

from benchmarks import generate
from victimcare.local.problems import Problem, run_main


def main() -> int:
    cases, folder = "".join(sys.argv[1:2]), "".join(sys.argv[2:3])
    if not cases.isdigit():
        raise Problem("Say how many cases: make bench-fill CASES=100000")
    with generate.ensure(int(cases), folder) as made:
        print(f"The data set is in {made.local}.", flush=True)
    return 0


if __name__ == "__main__":
    run_main(main)
