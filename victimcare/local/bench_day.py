"""`make bench-day`: a mixed day of many people, then what a web worker holds after very many requests.

CASES, RATE (requests a second), SECONDS and REQUESTS (of each worker) are taken from the environment.
"""

import os

from benchmarks import day, generate, load, memory, report, results, targets
from victimcare.local.problems import Problem, run_main

DEFAULTS = {"CASES": 100_000, "RATE": 100, "SECONDS": 600, "REQUESTS": 100_000}


def main() -> int:
    cases, rate, seconds, requests = (_number(name) for name in DEFAULTS)
    with generate.ensure(cases) as made, load.opened(made) as bench:
        people = load.asked_of(
            "benchmarks.day_people", {"count": day.PEOPLE}, bench.env | {"VICTIMCARE_ROLE": "owner"}
        )
        today = day.Day(people, made.cast, bench.port)
        today.run(rate, seconds)
        found = day.result(today, cases, rate, seconds)
        found["memory"] = memory.held(bench, requests)
    results.keep("day", found)
    report.main()
    verdicts = targets.of_day(found)
    print(results.of_verdicts(verdicts), flush=True)
    return 0 if all(one.reached for one in verdicts) else 1


def _number(name: str) -> int:
    told = os.environ.get(name) or str(DEFAULTS[name])
    if not told.isdigit() or not int(told):
        raise Problem(f"{name} must be a whole number: make bench-day {name}={DEFAULTS[name]}")
    return int(told)


if __name__ == "__main__":
    run_main(main)
