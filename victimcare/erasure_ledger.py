"""The ledger of erasures outside of the database: no restored backup brings an erased person back.

Lines of JSON without personal data in `ERASURE_LEDGER_FILE`, written after each erasure. While the file
names an erasure that the database does not know, or a key of the ledger is there again, the product answers
503: `manage.py erasures replay` puts it right.
"""

import errno
import fcntl
import json
import logging
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings

from victimcare import acting
from victimcare.models import ErasureEntry, SubjectKey

log = logging.getLogger(__name__)

BAD_LINE = (ValueError, KeyError, TypeError, AttributeError)


class Unusable(Exception):
    """The file cannot be read, or a line of it is none; says so in a sentence."""


def as_line(entry: ErasureEntry) -> str:
    return json.dumps(
        {
            "id": str(entry.pk),
            "at": entry.at.isoformat(),
            "organization": str(entry.organization_id),
            "keys": [str(key) for key in entry.subject_key_ids],
            "parties": [str(party) for party in entry.party_ids],
            "reason": entry.reason,
            "asked_by": str(entry.asked_by_id),
            "approved_by": str(entry.approved_by_id),
        }
    )


def from_line(line: str) -> ErasureEntry:
    """Raises one of BAD_LINE for a line that is none."""
    said: dict[str, Any] = json.loads(line)
    return ErasureEntry(
        id=UUID(said["id"]),
        at=datetime.fromisoformat(said["at"]),
        organization_id=UUID(said["organization"]),
        subject_key_ids=[UUID(key) for key in said["keys"]],
        party_ids=[UUID(party) for party in said["parties"]],
        reason=str(said["reason"]),
        asked_by_id=UUID(said["asked_by"]),
        approved_by_id=UUID(said["approved_by"]),
    )


def read(path: Path) -> list[ErasureEntry]:
    """The entries of a file; none where it is not there yet. Raises Unusable."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            content = file.read()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Unusable(f"The ledger of erasures cannot be read: {type(error).__name__}.") from error
    return _entries(content)


def append(path: Path, entries: Iterable[ErasureEntry]) -> int:
    """Write those that the file lacks; returns how many. Of two at once, the second waits and finds what the
    first wrote. Raises Unusable, OSError.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = {entry.pk for entry in _entries(_ended(file))}
        missing = [entry for entry in entries if entry.pk not in known]
        _write(file.fileno(), "".join(f"{as_line(entry)}\n" for entry in missing).encode("ascii"))
    return len(missing)


def stored() -> list[ErasureEntry]:
    with acting.as_job("erasure"):
        return list(ErasureEntry.objects.order_by("at", "pk"))


def keep() -> None:
    """After an erasure. A disk that is full undoes none: the next one writes what is missing, or `export`."""
    if not settings.ERASURE_LEDGER_FILE:
        return
    try:
        append(Path(settings.ERASURE_LEDGER_FILE), stored())
    except (OSError, Unusable) as error:
        log.error("The ledger of erasures could not be written: %s.", type(error).__name__)


def brought_back() -> bool:
    """A restored backup holds somebody who was erased. A ledger that cannot be read counts as that."""
    entries = stored()
    try:
        outside = read(Path(settings.ERASURE_LEDGER_FILE)) if settings.ERASURE_LEDGER_FILE else []
    except Unusable as error:
        log.error("%s", error)
        return True
    if {entry.pk for entry in outside} - {entry.pk for entry in entries}:
        return True
    return alive(entries).exists()


def alive(entries: Iterable[ErasureEntry]) -> Any:
    """The keys of the ledger that can be used again."""
    keys = [key for entry in entries for key in entry.subject_key_ids]
    return SubjectKey.objects.filter(pk__in=keys, wrapped__isnull=False)


def _ended(file: BinaryIO) -> bytes:
    """What the file says. A last line that was cut off, as when the machine was lost, is dropped: the
    database still has it. One that lacks only its end gets it.
    """
    content = file.read()
    _before, _newline, last = content.rpartition(b"\n")
    if not last:
        return content
    try:
        from_line(last.decode("ascii"))
    except BAD_LINE:
        os.ftruncate(file.fileno(), len(content) - len(last))
        return content.removesuffix(last)
    _write(file.fileno(), b"\n")
    return content


def _write(descriptor: int, content: bytes) -> None:
    """All of it, on the disk, or nothing."""
    before = os.fstat(descriptor).st_size
    if os.write(descriptor, content) < len(content):
        os.ftruncate(descriptor, before)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(descriptor)


def _entries(content: bytes) -> list[ErasureEntry]:
    return [_entry(number, line) for number, line in enumerate(content.splitlines(), start=1)]


def _entry(number: int, line: bytes) -> ErasureEntry:
    try:
        return from_line(line.decode("ascii"))
    except BAD_LINE as error:
        raise Unusable(f"Line {number} of the ledger of erasures is damaged.") from error
