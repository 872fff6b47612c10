"""The rejected rows, each with its reason beside its values as they were given."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from cases.imports.problems import ImportProblem
from victimcare import spreadsheets

# The line of the file, the reason, and the values as they were given.
Rejection = tuple[int, str, Sequence[str]]
# How a file of rejected rows begins: only such a one is written anew.
_BEGINNING = b"line,reason,"


class Rejects:
    """A CSV file, opened before the first row is stored, removed if none was rejected. It is about people:
    only its owner may read it.

    `path` None counts the reasons and writes nothing. Spare cells of a shifted row stand at its end.
    """

    def __init__(self, path: Path | None, headers: Sequence[str]) -> None:
        self.path = path
        self.reasons: Counter[str] = Counter()
        self._headers = headers
        self._file: Any = None

    def add(self, rejected: Sequence[Rejection]) -> None:
        """Write the rows down at once: an import may be cut off."""
        self.reasons.update(reason for _line, reason, _cells in rejected)
        if self.path is not None:
            with _told(self.path):
                _write(self._file, ([line, reason, *cells] for line, reason, cells in rejected))

    def __enter__(self) -> Self:
        if self.path is not None:
            with _told(self.path):
                self._file = _open_private(self.path, ["line", "reason", *self._headers])
        return self

    def __exit__(self, *error: object) -> None:
        if self.path is not None:
            with _told(self.path):
                self._file.close()
                if not self.reasons:
                    self.path.unlink()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ImportProblem(f"The rejected rows cannot be written to {path}: {error.strerror}.") from error


def _write(file: Any, rows: Iterable[Sequence[Any]]) -> None:
    spreadsheets.write(file, rows)
    file.flush()


def _open_private(path: Path, header: Sequence[str]) -> Any:
    """Open a file anew that only its owner may read, never through a link that somebody laid there, nor over
    a file that is something else.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    file = os.fdopen(handle, "w", encoding="utf-8", newline="")
    try:
        if os.pread(handle, len(_BEGINNING), 0) not in (b"", _BEGINNING):
            raise ImportProblem(f"{path} holds something else than rejected rows: name another file.")
        os.ftruncate(handle, 0)
        os.fchmod(handle, 0o600)
        _write(file, [header])
    except BaseException:
        file.close()
        raise
    return file
