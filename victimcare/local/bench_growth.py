"""`make bench-growth`: what each page costs at several sizes, all of them measured in turns in one run.

Usage: python -m victimcare.local.bench_growth [CASES ...]
NAMES in the environment is a folder of names; ROUNDS and REQUESTS (a page and round) make a shorter run.
"""

import os
import sys
from contextlib import ExitStack

from benchmarks import drawing, generate, growth, load, report, results
from victimcare.local.problems import Problem, run_main

SIZES = ("10000", "100000", "1000000")
TITLE = "Processor time of a request, in milliseconds, as the cases grow"


def main() -> int:
    asked = sys.argv[1:] or SIZES
    if not all(size.isdigit() for size in asked) or len(asked) < 2:
        raise Problem('Say two sizes or more: make bench-growth SIZES="10000 100000 1000000"')
    sizes = sorted({int(size) for size in asked})
    with ExitStack() as stack:
        names = os.environ.get("NAMES", "")
        made = {size: stack.enter_context(generate.ensure(size, names)) for size in sizes}
        runs = load.measured(made, **load.shorter())
    results.keep("growth", {"runs": runs})
    picture = drawing.svg(TITLE, sizes, growth.points(runs))
    (results.FOLDER / "growth.svg").write_text(picture, encoding="utf-8")
    report.main()
    return 0 if growth.told(runs) else 1


if __name__ == "__main__":
    run_main(main)
