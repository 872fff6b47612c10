"""The words that are read aloud before somebody consents: versioned data, one file a version, never changed.

A record of a consent names version and language, so a text that was once used must stay as it was.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NEWEST = "1"

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ConsentText:
    """`paragraphs` are (heading, text) pairs; `name` is what the language calls itself."""

    version: str
    language: str
    name: str
    title: str
    paragraphs: tuple[tuple[str, str], ...]


def find(version: str, language: str) -> ConsentText | None:
    return _read(version).get(language) if version in versions() else None


def newest() -> list[ConsentText]:
    """The text in use now, in each of its languages."""
    return list(_read(NEWEST).values())


@cache
def versions() -> frozenset[str]:
    return frozenset(path.stem for path in _FOLDER.glob("*.json"))


@cache
def _read(version: str) -> dict[str, ConsentText]:
    stored = json.loads((_FOLDER / f"{version}.json").read_text(encoding="utf-8"))
    return {
        language: ConsentText(
            version,
            language,
            text["name"],
            text["title"],
            tuple((one["heading"], one["text"]) for one in text["paragraphs"]),
        )
        for language, text in stored.items()
    }
