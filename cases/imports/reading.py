"""The rows of a CSV file or a workbook, one after the other: a file of any size takes the same memory."""

import csv
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cases.imports import workbooks
from cases.imports.mapping import Column, Mapping
from cases.imports.problems import ImportProblem
from cases.imports.values import fold
from victimcare.spreadsheets import as_given

# A byte-order mark before the first quote would keep it from being one. Excel and R write both.
_WITH_MARK = {"utf-8": "utf-8-sig"}
_WORKBOOK = b"PK\x03\x04"


class Row(NamedTuple):
    """`line` is the line of the file, as a text editor or a spreadsheet counts it."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read through once: whole, in its encoding, with `count` rows after its header."""

    path: Path
    mapping: Mapping
    encoding: str
    headers: list[str]
    count: int

    def rows(self) -> Iterator[Row]:
        return itertools.islice(_rows(self.path, self.mapping, self.encoding), 1, None)

    def places(self) -> list[tuple[Column, int]]:
        """The mapping's columns that the file has, each with its place in a row."""
        at = {fold(header): place for place, header in enumerate(self.headers) if header}
        return [(one, at[found]) for one in self.mapping.columns for found in one.spellings & at.keys()]

    def unmapped(self) -> list[str]:
        taken = {place for _column, place in self.places()}
        return [header for place, header in enumerate(self.headers) if header and place not in taken]

    def misshape(self, cells: Sequence[str]) -> str:
        """Why a row does not fit the header, or "". A shifted row would tell lies about a person."""
        width = len(self.headers)
        if len(cells) != width:
            return f"{len(cells)} values where the header names {width} columns: the row is shifted"
        formula = next((n for n, cell in enumerate(cells) if isinstance(cell, workbooks.Formula)), None)
        if formula is not None:
            return f"a formula without its result in column {formula + 1}: open and save the workbook once"
        unnamed = next((n for n, header in enumerate(self.headers) if not header and cells[n]), None)
        return "" if unnamed is None else f"a value in column {unnamed + 1}, which has no name"


def open_table(path: Path, mapping: Mapping) -> Table:
    """Read the file through once, so that nothing is imported from a file that turns out to be broken.

    Raises ImportProblem.
    """
    for encoding in mapping.encodings:
        try:
            headers, count = _read_through(path, mapping, encoding)
        except UnicodeError:
            continue
        table = Table(path, mapping, encoding, headers, count)
        _check_headers(table)
        return table
    raise ImportProblem(
        f"{path.name} is not written in {' or '.join(mapping.encodings)}."
        " Save it so, or change the mapping's encodings."
    )


def _read_through(path: Path, mapping: Mapping, encoding: str) -> tuple[list[str], int]:
    rows = _rows(path, mapping, encoding)
    header = next(rows, None)
    if header is None or not any(header.cells):
        raise ImportProblem(f"{path.name} is empty.")
    return header.cells, sum(1 for _row in rows)


def _check_headers(table: Table) -> None:
    folded = [fold(header) for header in table.headers if header]
    twice = next((header for header in folded if folded.count(header) > 1), None)
    if twice:
        raise ImportProblem(f'{table.path.name} has two columns named "{twice}".')
    here = {column.header for column, _place in table.places()}
    gone = list(dict.fromkeys(
        one.header for one in table.mapping.columns if not one.optional and one.header not in here
    ))  # fmt: skip
    if gone:
        raise ImportProblem(
            f"{table.path.name} has no column {_quoted(gone)}."
            f" It has: {_quoted([one for one in table.headers if one])}."
        )


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _rows(path: Path, mapping: Mapping, encoding: str) -> Iterator[Row]:
    try:
        with path.open("rb") as file:
            workbook = file.read(len(_WORKBOOK)) == _WORKBOOK
        if workbook:
            yield from _of_workbook(path, mapping.sheet)
        else:
            yield from _of_csv(path, mapping.delimiter, encoding)
    except FileNotFoundError as error:
        raise ImportProblem(f"There is no file {path.name}.") from error
    except OSError as error:
        raise ImportProblem(f"{path.name} cannot be read: {error.strerror}.") from error


def _of_csv(path: Path, delimiter: str, encoding: str) -> Iterator[Row]:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise ImportProblem(f"{path.name} is not a readable workbook.")
    lines: list[str] = []  # of the row that is being read
    with path.open(encoding=_WITH_MARK.get(encoding, encoding), newline="") as file:
        reader = csv.reader(_remembered(file, lines), delimiter=delimiter)
        try:
            for cells in reader:
                _require_whole(lines, delimiter)
                lines.clear()
                if cells:
                    yield Row(reader.line_num, [as_given(cell.strip()) for cell in cells])
        except csv.Error as error:
            raise ImportProblem(f"{path.name} is malformed at line {reader.line_num}: {error}.") from error


def _remembered(file: Iterable[str], lines: list[str]) -> Iterator[str]:
    for line in file:
        lines.append(line)
        yield line


def _require_whole(lines: Sequence[str], delimiter: str) -> None:
    """A quote that is never closed would swallow all rows after it. Other slips are the row's own."""
    if any("\0" in line for line in lines):
        raise csv.Error("a zero byte")
    if len(lines) == 1 and lines[0].endswith("\n"):
        return
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise csv.Error("a quote is opened and never closed") from error


def _of_workbook(path: Path, name: str) -> Iterator[Row]:
    width = 0
    for line, cells in enumerate(workbooks.rows(path, name), start=1):
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            width = width or len(cells)
            yield Row(line, cells + [""] * (width - len(cells)))
