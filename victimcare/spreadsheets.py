"""CSV files that people open in a spreadsheet: no cell of theirs is taken for a formula, which could send the
others away or run a program. Nothing else in the product writes CSV.
"""

import csv
from collections.abc import Iterable
from typing import Any, TextIO

# How a formula begins, in the wide forms of East Asian keyboards too.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "'"


def write(file: TextIO, rows: Iterable[Iterable[Any]]) -> None:
    csv.writer(file).writerows([defused(cell) for cell in row] for row in rows)


def defused(cell: Any) -> str:
    """With a mark in front of what would be a formula: the spreadsheet shows it as words."""
    text = "" if cell is None else str(cell)
    return f"{MARK}{text}" if text.startswith(FORMULAS) else text


def as_given(cell: str) -> str:
    """Without the mark, where a file of ours comes back corrected."""
    return cell[1:] if cell.startswith(tuple(MARK + one for one in FORMULAS)) else cell
