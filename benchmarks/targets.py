"""What the figures of a run must not pass. Milliseconds of a million cases; of fewer they are a forecast."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import pages

CPU = {"caseload": 16, "case": 18, "intake": 18, "inbox": 16}
P95 = {"caseload": 100, "search_before_create": 60, "candidates": 80}
QUERIES_OF_LIST, QUERIES_OF_CASE = 12, 20
MEMORY_MB = 150
DAY_P95 = 200
# From the first tenth of the requests to the last.
FLAT = 1.05
OK, NOT_REACHED = "ok", "NOT REACHED"


@dataclass(frozen=True, slots=True)
class Verdict:
    what: str
    figure: float
    most: float
    unit: str = ""

    @property
    def reached(self) -> bool:
        return self.figure <= self.most

    @property
    def word(self) -> str:
        return OK if self.reached else NOT_REACHED

    def cells(self) -> tuple[str, ...]:
        return self.what, _told(self.figure, self.unit), _told(self.most, self.unit), self.word


def cpu(figures: dict[str, Any]) -> float:
    """Of application and database together, in milliseconds a request."""
    return float(figures["app_cpu_ms"] + figures["db_cpu_ms"])


def of_pages(found: dict[str, Any]) -> list[Verdict]:
    return [*_times(found), *_questions(found["pages"])]


def of_day(found: dict[str, Any]) -> list[Verdict]:
    held = found["memory"]["tenths_mb"]
    after = f"after {found['memory']['requests']:,} requests"
    return [
        Verdict("mixed day: errors", sum(found["errors"].values()), 0),
        Verdict("mixed day: p95", found["p95_ms"], DAY_P95, "ms"),
        Verdict(f"memory of a web worker {after}", max(held), MEMORY_MB, "MB"),
        Verdict("memory: last tenth by first", held[-1] / held[0], FLAT),
    ]


def _times(found: dict[str, Any]) -> Iterator[Verdict]:
    shown = found["pages"]
    for name, most in CPU.items():
        yield Verdict(f"{name}: CPU a request", cpu(shown[name]), most, "ms")
    yield Verdict(
        "caseload: CPU in plain floors", cpu(shown["caseload"]) / cpu(found["floors"]["plain"]), 1.0
    )
    for name, most in P95.items():
        yield Verdict(f"{name}: p95", shown[name]["p95_ms"], most, "ms")
    yield Verdict("memory of a web worker", found["memory_mb"], MEMORY_MB, "MB")


def _questions(shown: dict[str, Any]) -> Iterator[Verdict]:
    for page in pages.PAGES:
        if page.is_list:
            yield Verdict(f"{page.name}: queries", shown[page.name]["queries"], QUERIES_OF_LIST)
    yield Verdict("case: queries", shown["case"]["queries"], QUERIES_OF_CASE)
    for page in pages.PAGES:
        if page.is_list or page.name == "case":
            one = shown[page.name]["queries_of_one"]
            yield Verdict(f"{page.name}: queries of many rows, as of one", shown[page.name]["queries"], one)


def _told(figure: float, unit: str) -> str:
    return f"{figure:,.2f} {unit}".strip() if figure % 1 else f"{figure:,.0f} {unit}".strip()
