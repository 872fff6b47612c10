"""Passwords that are known from leaks elsewhere (ASVS 6.2.12), looked up on this machine: no other host is
asked about anybody's password.

The list is a file in the form in which such lists are given away: of each password a line with its SHA-1 in
40 hexadecimal digits, and behind a colon how often it leaked; sorted. Its 40 GB are read in some 36 places.
"""

import hashlib
import re
from bisect import bisect_left
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DIGITS = 40
LINE = re.compile(rb"[0-9A-F]{40}(:\d+)?\s*")
# Greater than every line.
END = b"~"
SAMPLES = 1000
# Longer than any line of such a list: of another file not all is read into memory.
LONGEST = 100


class NotLeakedValidator:
    def validate(self, password: str, user: Any = None) -> None:
        if is_listed(password, settings.LEAKED_PASSWORDS_FILE):
            raise ValidationError(
                _("This password leaked elsewhere, and stands in lists that guessers use. Choose another."),
                code="password_leaked",
            )

    def get_help_text(self) -> Any:
        return _("Your password can’t be one that leaked elsewhere.")


def is_listed(password: str, path: str) -> bool:
    """Raises OSError where the list cannot be read: no password is set then."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with Path(path).open("rb") as file:
        lines = Lines(file)
        return lines[bisect_left(lines, digest)][:DIGITS] == digest


def is_list(path: str) -> bool:
    """As far as some lines from its beginning to its end tell."""
    try:
        with Path(path).open("rb") as file:
            lines = Lines(file)
            seen = [lines[len(lines) * one // SAMPLES] for one in range(SAMPLES)]
    except OSError:
        return False
    found = [one for one in seen if one != END]
    return bool(found) and seen == sorted(seen) and all(map(LINE.fullmatch, found))


class Lines:
    """The first line that begins at or after each byte of the file."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = file.seek(0, 2)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: int) -> bytes:
        self.file.seek(max(place - 1, 0))
        if place:
            self.file.readline(LONGEST)
        return self.file.readline(LONGEST).upper() or END
