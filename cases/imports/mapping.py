"""A mapping: which column of a file goes to which field, and how. `mapping_file` reads one."""

import re
from dataclasses import dataclass, field
from typing import Any

from cases.imports import targets, values
from cases.imports.problems import Unusable
from cases.imports.targets import Target

REJECT, KEEP, SKIP = "reject", "keep", "skip"
_MEMORY = 10_000


@dataclass(slots=True)
class Column:
    """One column on its way to one target; one that feeds two targets is written twice in the mapping."""

    header: str
    spellings: frozenset[str]
    target: Target
    required: bool = False
    optional: bool = False
    values: dict[str, str] | None = None
    unlisted: str = REJECT
    missing: frozenset[str] = frozenset()
    formats: tuple[str, ...] = ("%Y-%m-%d",)
    adds: str = ""
    label: str = ""
    pattern: re.Pattern[str] | None = None
    _known: dict[str, Any] = field(default_factory=dict, repr=False)

    def convert(self, given: str) -> Any:
        """What the record holds for a value of the file; None if the file says that it is not known.

        Raises Unusable with the reason. Codes, dates and ages repeat: each is worked out once.
        """
        if given in self._known:
            return self._known[given]
        result = self._converted(given)
        if self.target.kind != "text" and len(self._known) < _MEMORY:
            self._known[given] = result
        return result

    def says_nothing(self, given: str) -> bool:
        """Empty, or one of the source's own words for "not known"."""
        return values.fold(given) in self.missing

    def _converted(self, given: str) -> Any:
        if self.says_nothing(given):
            return None
        text = self._translated(self._picked(given))
        return None if text is None else self._read(text)

    def _picked(self, given: str) -> str:
        if self.pattern is None:
            return given
        found = self.pattern.search(given)
        if found is None or not found.group(1):
            raise Unusable("not written as the mapping's pattern says")
        return found.group(1)

    def _translated(self, text: str) -> str | None:
        if self.values is None:
            return text
        found = self.values.get(values.fold(text))
        if found is not None or self.unlisted == SKIP:
            return found
        if self.unlisted == KEEP:
            return text
        raise Unusable("a value that the mapping does not list")

    def _read(self, text: str) -> Any:
        kind = self.target.kind
        if kind == "date":
            birth = self.target.field == "birth"
            return (values.to_birth if birth else values.to_date)(text, self.formats)
        if kind == "age":
            return values.to_age(text)
        if kind == "codes" and self.adds:
            return [self.adds] if text == values.YES else []
        if not targets.is_code(self.target, text):
            raise Unusable("not a code of the code list")
        return [text] if kind == "codes" else targets.require_room(self.target, text)


@dataclass(frozen=True, slots=True)
class Mapping:
    name: str
    enrolment: str
    status: str
    encodings: tuple[str, ...]
    delimiter: str
    sheet: str
    columns: tuple[Column, ...]
    defaults: dict[Target, Any]
