"""Code lists: versioned data with a label per language (`data/<id>-<version>.json`), never gettext messages.

Titles of ICD-11 and ICCS are there in their publisher's languages only. Elsewhere a label falls back to
English, and says so in `Label.lang` and `Label.note`: a template writes `lang="{{ label.lang }}"`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from victimcare import languages

DATA = Path(__file__).parent / "data"
FALLBACK = "en"


class UnknownCodeList(LookupError):
    """There is no such list, or not in that version."""


class UnknownCode(LookupError):
    """The list has no such code."""


class Label(str):
    """A text, and the language that it is really in."""

    __slots__ = ("lang",)
    lang: str

    def __new__(cls, text: str, lang: str) -> "Label":
        label = super().__new__(cls, text)
        label.lang = lang
        return label

    @property
    def note(self) -> str:
        """What is said beside a title that its publisher does not have in the language of the page."""
        fell_back = self.lang == FALLBACK != languages.of_page()
        return gettext("in English") if self and fell_back else ""

    def __reduce__(self) -> tuple[type["Label"], tuple[str, str]]:
        return Label, (str(self), self.lang)


def _wanted(lang: str | None) -> str:
    """The language asked for, else that of the page."""
    return (lang or get_language() or FALLBACK).split("-")[0].lower()


def _in_language(texts: Mapping[str, str], lang: str | None) -> Label:
    """The text in a language; else in English; else in the only one that it has, as a place name may."""
    wanted = _wanted(lang)
    found = next((each for each in (wanted, FALLBACK) if each in texts), next(iter(texts)))
    return Label(texts[found], found)


@dataclass(frozen=True)
class Code:
    """One entry. `maps` holds its codes elsewhere, for example {"teds-a/GENDER": "2"}."""

    code: str
    labels: Mapping[str, str]
    parent: str | None = None
    retired: bool = False
    verified: bool = True  # False: still to be compared with the publisher's own text.
    maps: Mapping[str, str] = field(default_factory=dict)

    def label(self, lang: str | None = None) -> Label:
        return _in_language(self.labels, lang)


@dataclass(frozen=True, eq=False)
class CodeList:
    """One version of a list, in its file's order; a `translatable` one is complete in each language."""

    id: str
    version: str
    titles: Mapping[str, str]
    source: str
    licence: str
    translatable: bool
    codes: Mapping[str, Code]

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes.values())

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def title(self, lang: str | None = None) -> Label:
        return _in_language(self.titles, lang)

    def code(self, code: str) -> Code:
        try:
            return self.codes[code]
        except KeyError:
            raise UnknownCode(f"{self.id} {self.version} has no such code") from None

    def label(self, code: str, lang: str | None = None) -> Label:
        """What a page shows for a stored code. An unknown one is shown as itself, and marked."""
        if not code:
            return Label("", FALLBACK)
        if code in self.codes:
            return _labels(self, _wanted(lang))[code]
        return Label(gettext("%(code)s (not in the list)") % {"code": code}, get_language() or FALLBACK)

    def choices(self, lang: str | None = None, *, under: str | None = None) -> list[tuple[str, Label]]:
        """What a form offers: no retired codes. `under` keeps one code and all that lies below it."""
        labels = _labels(self, _wanted(lang))
        return [
            (each.code, labels[each.code])
            for each in self
            if not each.retired and (under is None or self.is_within(each.code, under))
        ]

    def is_within(self, code: str, ancestor: str) -> bool:
        """Whether a code is another one or lies below it. Raises UnknownCode."""
        current: str | None = code
        while current is not None and current != ancestor:
            current = self.code(current).parent
        return current is not None

    def mapped_from(self, scheme: str, value: str) -> Code:
        """The first code for a value of another scheme, such as ("teds-a/SUB", "5"). Raises UnknownCode."""
        for each in self:
            if each.maps.get(scheme) == value:
                return each
        raise UnknownCode(f"{self.id} {self.version} has nothing for this value of {scheme}")


@cache
def _labels(codes: CodeList, lang: str) -> Mapping[str, Label]:
    """By code, once for each language: the form of a case offers four hundred entries."""
    return {each.code: each.label(lang) for each in codes}


@cache
def get(list_id: str, version: str | None = None) -> CodeList:
    """A list in its latest version, or in the one asked for. Raises UnknownCodeList."""
    versions = _files().get(list_id, {})
    wanted = version if version is not None else max(versions, key=_order, default=None)
    if wanted is None or wanted not in versions:
        raise UnknownCodeList(f"no code list {list_id!r}" + (f" in version {version!r}" if version else ""))
    return _read(versions[wanted])


def ids() -> list[str]:
    """The ids of all lists."""
    return sorted(_files())


@deconstructible(path="victimcare.codelists.validator")
class CodeValidator:
    """Refuses what its list does not have. A retired code passes: an old record can still be saved."""

    def __init__(self, list_id: str) -> None:
        self.list_id = list_id

    def __call__(self, value: str) -> None:
        codes = get(self.list_id)
        if value not in codes:
            raise ValidationError(
                _("“%(value)s” is not in the list “%(list)s”. Choose one of its entries."),
                code="unknown_code",
                params={"value": value, "list": codes.title()},
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CodeValidator) and other.list_id == self.list_id

    def __hash__(self) -> int:
        return hash((type(self), self.list_id))


def validator(list_id: str) -> CodeValidator:
    """What a model field takes: `validators=[codelists.validator("gender")]`."""
    return CodeValidator(list_id)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


@cache
def _files() -> dict[str, dict[str, Path]]:
    """List id -> version -> file."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(DATA.glob("*.json")):
        list_id, _dash, version = path.stem.rpartition("-")
        found.setdefault(list_id, {})[version] = path
    return found


@cache
def _read(path: Path) -> CodeList:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return CodeList(
        id=content["id"],
        version=content["version"],
        titles=content["title"],
        source=content["source"],
        licence=content["licence"],
        translatable=content["translatable"],
        codes={entry["code"]: Code(**entry) for entry in content["codes"]},
    )
