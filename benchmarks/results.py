"""Keeps what runs found, as JSON in `benchmarks/results`, and tells it as tables."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import targets

FOLDER = Path(__file__).parent / "results"
COLUMNS = {
    "p50_ms": "p50, ms", "p95_ms": "p95, ms", "rps": "requests a second", "app_cpu_ms": "CPU application, ms",
    "db_cpu_ms": "CPU database, ms", "queries": "queries", "buffers": "buffers", "bytes": "bytes",
}  # fmt: skip


def keep(name: str, found: dict[str, Any]) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def kept(name: str) -> dict[str, Any] | None:
    path = FOLDER / f"{name}.json"
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """In Markdown, readable on a terminal too: words to the left, figures to the right."""
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    told = [_line(line, widths) for line in lines]
    rule = [f"{'-' * (width + 1)}{'-' if place == 0 else ':'}" for place, width in enumerate(widths)]
    return "\n".join([told[0], f"|{'|'.join(rule)}|", *told[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
    padded[0] = cells[0].ljust(widths[0])
    return f"| {' | '.join(padded)} |"


def of_pages(found: dict[str, Any]) -> str:
    floors = {f"floor: {name}": figures for name, figures in found["floors"].items()}
    rows = [
        (name, *(number(figures[column]) for column in COLUMNS))
        for name, figures in (found["pages"] | floors).items()
    ]
    return table(("page", *COLUMNS.values()), rows)


def of_verdicts(verdicts: Iterable[targets.Verdict]) -> str:
    return table(("target", "measured", "at most", ""), [one.cells() for one in verdicts])


def told(found: dict[str, Any]) -> bool:
    """On the terminal; whether all targets are reached."""
    verdicts = targets.of_pages(found)
    print(f"\n{found['cases']:,} cases, 2 workers of 2 threads, 4 clients.\n\n{of_pages(found)}\n")
    print(of_verdicts(verdicts), flush=True)
    return all(one.reached for one in verdicts)


def number(figure: float) -> str:
    return f"{figure:,}" if isinstance(figure, int) else f"{figure:,.2f}"
