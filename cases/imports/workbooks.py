"""The rows of a workbook's sheet, as text. A workbook is read as it streams: its size takes no memory."""

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


def rows(path: Path, name: str) -> Iterator[list[str]]:
    """Each line of the sheet of that name, or of the first one. Raises ImportProblem."""
    try:
        with _sheet(path, name) as sheet:
            for given in sheet.iter_rows(values_only=True):
                yield [_text(value) for value in given]
    except _BROKEN as error:
        raise ImportProblem(f"{path.name} is not a readable workbook.") from error


@contextmanager
def _sheet(path: Path, name: str) -> Iterator[Any]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
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
