"""Writes docs/performance.md from what the runs kept: `make bench-report`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import growth, results, targets

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
TEXTS = Path(__file__).parent / "texts"


def main() -> None:
    written = [_text("head"), *_of_pages(), *_of_growth(), *_of_day(), _text("how-to-read")]
    PAGE.write_text("\n\n".join(written) + "\n", encoding="utf-8")


def _text(name: str) -> str:
    return (TEXTS / f"{name}.md").read_text(encoding="utf-8").strip()


def _of_pages() -> Iterator[str]:
    if found := results.kept("latest"):
        yield f"## A page, at {found['cases']:,} cases"
        yield _ran(found["machine"], f"{found['rounds']} rounds of {found['requests']} requests a page")
        yield _summary(targets.of_pages(found))
        yield results.of_pages(found)
        yield results.of_verdicts(targets.of_pages(found))


def _of_growth() -> Iterator[str]:
    if kept := results.kept("growth"):
        runs = kept["runs"]
        yield "## As the cases grow"
        yield _ran(runs[-1]["machine"], "all sizes in turns, page by page")
        yield "Milliseconds of processor time a request, of application and database together, by cases:"
        yield growth.table(runs)
        yield "![Processor time of each page by the number of cases](../benchmarks/results/growth.svg)"
        yield _summary(growth.verdicts(runs))
        yield results.of_verdicts(growth.verdicts(runs))


def _of_day() -> Iterator[str]:
    if found := results.kept("day"):
        yield "## A mixed day"
        yield (
            f"{found['people']} people, {found['cases']:,} cases, {found['rate']} requests a second for"
            f" {found['seconds']} seconds: {found['requests']:,} requests, {found['reads']:.0%} reads."
            f" Half were answered within {found['p50_ms']:,} ms."
        )
        held = found["memory"]
        tenths = ", ".join(f"{figure:,}" for figure in held["tenths_mb"])
        yield f"The larger web worker held, after each tenth of {held['requests']:,} requests, MB: {tenths}."
        yield _summary(targets.of_day(found))
        yield results.of_verdicts(targets.of_day(found))


def _ran(machine: dict[str, Any], how: str) -> str:
    return (
        f"On {machine['day']}, {how}; {machine['processors']} processors ({machine['processor']}),"
        f" {machine['memory_gb']} GB, Python {machine['python']}, PostgreSQL {machine['postgresql']}."
    )


def _summary(verdicts: list[targets.Verdict]) -> str:
    missed = sum(not one.reached for one in verdicts)
    if not missed:
        return f"All {len(verdicts)} targets are reached."
    return f"**{missed} of {len(verdicts)} targets are not reached.**"


if __name__ == "__main__":
    main()
