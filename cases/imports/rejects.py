"""The rejected rows, each with its reason beside its values as they were given."""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from cases.imports.problems import ImportProblem

# The line of the file, the reason, and the values as they were given.
Rejection = tuple[int, str, Sequence[str]]


class Rejects:
    """A CSV file, made with the first rejected row. It is about people: only its owner may read it.

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
        if self.path is None or not rejected:
            return
        if self._file is None:
            self._file = _open_private(self.path)
            csv.writer(self._file).writerow(["line", "reason", *self._headers])
        csv.writer(self._file).writerows([line, reason, *cells] for line, reason, cells in rejected)
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()


def _open_private(path: Path) -> Any:
    """Open a file anew that only its owner may read, never through a link that somebody laid there."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ImportProblem(f"The rejected rows cannot be written to {path}: {error.strerror}.") from error
    os.fchmod(handle, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")
