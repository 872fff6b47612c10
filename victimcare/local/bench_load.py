"""`make bench`: what each page costs at the size of a member state, under load.

Usage: python -m victimcare.local.bench_load [CASES [FOLDER WITH NAMES]]
ROUNDS and REQUESTS (a page and round) in the environment make a shorter run.
"""

import sys

from benchmarks import generate, load, report, results
from victimcare.local.problems import Problem, run_main

CASES = "100000"


def main() -> int:
    cases, names = (*sys.argv[1:], CASES)[0], "".join(sys.argv[2:3])
    if not cases.isdigit():
        raise Problem("Say how many cases: make bench CASES=100000")
    with generate.ensure(int(cases), names) as made:
        [found] = load.measured({int(cases): made}, **load.shorter())
    results.keep("latest", found)
    report.main()
    return 0 if results.told(found) else 1


if __name__ == "__main__":
    run_main(main)
