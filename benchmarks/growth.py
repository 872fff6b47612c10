"""How what a page costs grows with the cases: the same pages over data sets of several sizes."""

from typing import Any

from benchmarks import results, targets
from benchmarks.targets import Verdict

MOST = 1.30


def verdicts(runs: list[dict[str, Any]]) -> list[Verdict]:
    """From the smallest to the largest."""
    first, last = runs[0], runs[-1]
    return [
        Verdict(f"{name}: times as much CPU", _cpu(last, name) / _cpu(first, name), MOST)
        for name in names(runs)
    ]


def names(runs: list[dict[str, Any]]) -> list[str]:
    return list(runs[0]["pages"])


def table(runs: list[dict[str, Any]]) -> str:
    """Milliseconds of application and database together, a column for each size."""
    heads = ["page", *(f"{run['cases']:,}" for run in runs)]
    shown = [*names(runs), *runs[0]["floors"]]
    return results.table(heads, [(name, *(f"{_cpu(run, name):.2f}" for run in runs)) for name in shown])


def told(runs: list[dict[str, Any]]) -> bool:
    print(
        f"\nCPU a request in ms, by cases:\n\n{table(runs)}\n\n{results.of_verdicts(verdicts(runs))}",
        flush=True,
    )
    return all(one.reached for one in verdicts(runs))


def points(runs: list[dict[str, Any]]) -> dict[str, list[float]]:
    return {name: [_cpu(run, name) for run in runs] for name in names(runs)}


def _cpu(run: dict[str, Any], name: str) -> float:
    return targets.cpu((run["pages"] | run["floors"])[name])
