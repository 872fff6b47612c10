"""The rows of a workbook's sheet, as text. A workbook is read as it streams: its size takes no memory."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from cases.imports.problems import ImportProblem

_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, IndexError, ValueError, TypeError,
    EOFError, zlib.error,
)  # fmt: skip
# The tag of a formula, in whatever namespace; it may lie across two pieces that are read.
_FORMULA = re.compile(rb"<(\w{1,8}:)?f[\s>/]")
_TAG = 16
_READ = 2**16


class Formula(str):
    """A formula whose result the workbook does not hold: a spreadsheet program never computed it."""


def rows(path: Path, name: str) -> Iterator[list[str]]:
    """Each line of the sheet of that name, or of the first one. Raises ImportProblem."""
    try:
        yield from _computed(path, name) if _has_formulas(path) else _plain(path, name)
    except _BROKEN as error:
        raise ImportProblem(f"{path.name} is not a readable workbook.") from error


def _plain(path: Path, name: str) -> Iterator[list[str]]:
    with _sheet(path, name) as sheet:
        for given in sheet.iter_rows(values_only=True):
            yield [_text(value) for value in given]


def _computed(path: Path, name: str) -> Iterator[list[str]]:
    """Results and formulas side by side, which takes twice the time: results alone do not tell whether a cell
    is empty or was never computed.
    """
    with _sheet(path, name) as results, _sheet(path, name, formulas=True) as formulas:
        lines = zip(results.iter_rows(), formulas.iter_rows(values_only=True), strict=True)
        for cells, given in lines:
            yield [_result(cell, formula) for cell, formula in zip(cells, given, strict=True)]


def _result(cell: Any, formula: Any) -> str:
    # A result of the type "str" may be an empty text.
    if cell.value is None and formula is not None and cell.data_type != "str":
        return Formula(getattr(formula, "text", formula))
    return _text(cell.value)


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(_mentions_formula(archive, name) for name in sheets)


def _mentions_formula(archive: zipfile.ZipFile, name: str) -> bool:
    before = b""
    with archive.open(name) as file:
        while read := file.read(_READ):
            if _FORMULA.search(before + read):
                return True
            before = read[-_TAG:]
    return False


@contextmanager
def _sheet(path: Path, name: str, *, formulas: bool = False) -> Iterator[Any]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=not formulas)
    try:
        sheets = {one.title: one for one in book.worksheets}  # without those that are charts
        sheet = sheets.get(name or next(iter(sheets), ""))
        if sheet is None:
            named = f' "{name}"' if name else ""
            raise ImportProblem(f"{path.name} has no sheet{named}.")
        sheet.reset_dimensions()  # what a writer claims about the size is often wrong
        yield sheet
    finally:
        book.close()


def _text(value: Any) -> str:
    """A cell as it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value.date() if value.time() == time.min else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
