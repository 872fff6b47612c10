"""Reads a mapping from TOML and checks it: a wrong word is found before the first row, not in row 20,000."""

import codecs
import io
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cases.imports import targets, values
from cases.imports.mapping import KEEP, REJECT, SKIP, Column, Mapping
from cases.imports.problems import ImportProblem
from cases.imports.targets import NEEDED, Target
from cases.models import Case, Enrolment, ImportedRow

SHIPPED = Path(__file__).parent / "mappings"
# A case that was closed has two people who closed it: a file cannot name them.
STATUSES = (Case.Status.INTAKE, Case.Status.OPEN)
_LONGEST_NAME = ImportedRow._meta.get_field("mapping").max_length or 0

_TOP = {
    "title": str, "enrolment": str, "status": str, "encodings": list, "delimiter": str, "sheet": str,
    "missing": list, "defaults": dict, "values": dict, "columns": list,
}  # fmt: skip
_COLUMN = {
    "header": str, "also": list, "to": str, "required": bool, "optional": bool, "values": str,
    "unlisted": str, "missing": list, "formats": list, "adds": str, "label": str, "pattern": str,
}  # fmt: skip


def load(name_or_path: str) -> Mapping:
    """A shipped mapping by its name, or one of your own by its path. Raises ImportProblem."""
    path = SHIPPED / f"{name_or_path}.toml"
    if not re.fullmatch(r"\w+", name_or_path) or not path.is_file():
        path = Path(name_or_path)
    if not path.is_file():
        raise ImportProblem(f'There is no mapping "{name_or_path}". Shipped are: {", ".join(shipped())}.')
    try:
        return parse(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportProblem(f"The mapping {path.name} is not valid TOML: {error}") from error
    except OSError as error:
        raise ImportProblem(f"The mapping {path.name} cannot be read: {error.strerror}.") from error


def shipped() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def parse(name: str, content: dict[str, Any]) -> Mapping:
    if len(name) > _LONGEST_NAME:
        raise ImportProblem(f"The mapping's name is longer than {_LONGEST_NAME} characters: rename its file.")
    _known_keys(content, _TOP, "The mapping")
    if not content.get("columns"):
        raise ImportProblem("The mapping has no [[columns]].")
    columns = tuple(_column(entry, content) for entry in content["columns"])
    _not_mixed(columns)
    defaults = dict(_default(target, text) for target, text in content.get("defaults", {}).items())
    _require_needed(columns, set(map(str, defaults)))
    return Mapping(
        name=name,
        enrolment=_one_of(content, "enrolment", Enrolment.Kind.values),
        status=_one_of(content, "status", STATUSES),
        encodings=tuple(_encoding(one) for one in content.get("encodings", ["utf-8"])),
        delimiter=_delimiter(content.get("delimiter", ",")),
        sheet=content.get("sheet", ""),
        columns=columns,
        defaults=defaults,
    )


def _known_keys(entry: Any, known: dict[str, Any], what: str) -> None:
    if not isinstance(entry, dict):
        raise ImportProblem(f"{what} is not a table of keys.")
    for key, value in entry.items():
        if key not in known:
            raise ImportProblem(f'{what} has the key "{key}", which means nothing. See docs/import.md.')
        if not isinstance(value, known[key]):
            raise ImportProblem(f'{what} gives "{key}" a value of the wrong kind. See docs/import.md.')


def _one_of(entry: dict[str, Any], key: str, allowed: Any) -> str:
    if entry.get(key) not in allowed:
        raise ImportProblem(f'The mapping\'s "{key}" must be one of: {", ".join(map(str, allowed))}.')
    return str(entry[key])


def _encoding(name: Any) -> str:
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=name)  # a codec such as base64 gives no text
        return codecs.lookup(name).name
    except (LookupError, TypeError, ValueError) as error:
        raise ImportProblem(f'The mapping names the encoding "{name}", which does not exist.') from error


def _delimiter(text: str) -> str:
    if len(text) != 1 or text in '"\r\n':
        raise ImportProblem('The mapping\'s "delimiter" must be one character, and no quote or line end.')
    return text


def _column(entry: dict[str, Any], content: dict[str, Any]) -> Column:
    what = f'The column "{entry.get("header", "?")}"' if isinstance(entry, dict) else "A column"
    _known_keys(entry, _COLUMN, what)
    if not entry.get("header") or not entry.get("to"):
        raise ImportProblem(f'{what} of the mapping needs "header" and "to".')
    given = {key: entry[key] for key in ("required", "optional", "label", "adds") if key in entry}
    column = Column(
        header=entry["header"],
        spellings=frozenset(map(values.fold, map(str, [entry["header"], *entry.get("also", [])]))),
        target=targets.find(entry["to"]),
        values=_values(entry, content, what),
        unlisted=_one_of({REJECT: REJECT, **entry}, "unlisted", (REJECT, KEEP, SKIP))
        if "unlisted" in entry
        else REJECT,
        missing=frozenset(
            values.fold(str(one)) for one in ["", *content.get("missing", []), *entry.get("missing", [])]
        ),
        formats=tuple(_format(one, what) for one in entry.get("formats", ["%Y-%m-%d"])),
        pattern=_pattern(entry.get("pattern"), what),
        **given,
    )
    _fits(column, what)
    return column


def _values(entry: dict[str, Any], content: dict[str, Any], what: str) -> dict[str, str] | None:
    if "values" not in entry:
        return None
    table = content.get("values", {}).get(entry["values"])
    if not isinstance(table, dict):
        raise ImportProblem(
            f'{what} uses the values "{entry["values"]}", but [values.{entry["values"]}] is missing.'
        )
    read: dict[str, str] = {}
    for given, code in table.items():
        if read.setdefault(values.fold(given), str(code)) != str(code):
            raise ImportProblem(f'[values.{entry["values"]}] has two codes for "{given}".')
    return read


def _format(text: Any, what: str) -> str:
    if not isinstance(text, str) or not values.is_format(text):
        raise ImportProblem(f'{what} has the format "{text}", which gives no date. See docs/import.md.')
    return text


def _pattern(text: str | None, what: str) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ImportProblem(f"{what} has a pattern that is not a regular expression: {error}.") from error
    if pattern.groups != 1:
        raise ImportProblem(
            f"{what} has a pattern without exactly one group: put ( ) around what is to be taken."
        )
    return pattern


def _fits(column: Column, what: str) -> None:
    """The codes that the column can give are codes of the target's list."""
    target = column.target
    if target.kind in ("code", "codes"):
        codes = [column.adds] if column.adds else list((column.values or {}).values())
        wrong = sorted(code for code in codes if not targets.is_code(target, code))
        if wrong:
            raise ImportProblem(f'{what} gives "{wrong[0]}", which is not a code of "{target}".')
    if column.adds and (target.kind != "codes" or not column.values):
        raise ImportProblem(
            f'{what} has "adds": that needs a list of codes as target, and values that give yes and no.'
        )
    if column.label and target.kind != "text":
        raise ImportProblem(f'{what} has a "label", which only a text can have.')


def _not_mixed(columns: Sequence[Column]) -> None:
    """A text is made of labelled lines or is a column's own words: these would contradict the lines."""
    labelled = {column.target for column in columns if column.label}
    for column in columns:
        if column.target in labelled and not column.label:
            raise ImportProblem(
                f'The column "{column.header}" needs a "label": others to "{column.target}" have one.'
            )


def _require_needed(columns: Sequence[Column], defaults: set[str]) -> None:
    """Each row makes a case, so its day must be there; a substance is made where a row tells of it."""
    given = defaults | {str(one.target) for one in columns}
    always = defaults | {str(one.target) for one in columns if one.required and not one.optional}
    if "case.opened_on" not in always:
        raise ImportProblem('The mapping needs a required column, or a default, for "case.opened_on".')
    for record in sorted({one.target.record for one in columns} & NEEDED.keys()):
        if (name := f"{record}.{NEEDED[record]}") not in given:
            raise ImportProblem(f'The mapping needs a column, or a default, for "{name}".')


def _default(name: str, text: Any) -> tuple[Target, Any]:
    """A default goes through the same reading as a value of a file."""
    column = Column(
        header=name, spellings=frozenset(), target=targets.find(name), formats=("%Y-%m-%d", "%Y-%m", "%Y")
    )
    _fits(column, "A default")
    try:
        return column.target, column.convert(str(text))
    except Exception as error:
        raise ImportProblem(f'The default of "{name}" cannot be used: {error}.') from error
