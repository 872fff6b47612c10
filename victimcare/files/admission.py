"""The one door through which a file comes in: what it is, whether it is taken, and what of it is kept."""

import hashlib
from dataclasses import dataclass

from victimcare.files import antivirus, apart, names, pictures, plain, recordings
from victimcare.files.kinds import HEAD, M4A, MP4, PDF, PICTURES, FileKind, of_head
from victimcare.files.refusals import FileRefused
from victimcare.files.spool import Spool

# Where a ZIP's directory is looked for: a file of another kind with one is two files.
DIRECTORY, TAIL = b"PK\x05\x06", 65_557


@dataclass(frozen=True, slots=True)
class Admitted:
    """A file that was looked through, as it is kept. `digest` is its SHA-256."""

    name: str
    kind: FileKind
    content: Spool
    digest: str

    @property
    def size(self) -> int:
        return self.content.size


def admit(spool: Spool, name: str) -> Admitted:
    """Raises FileRefused."""
    if not spool.size:
        raise FileRefused("empty")
    antivirus.look_through(spool)
    kind, content = _looked_through(spool)
    _require_name(name, kind)
    digest = hashlib.sha256()
    for part in content.chunks():
        digest.update(part)
    return Admitted(names.neutral(name), kind, content, digest.hexdigest())


def _looked_through(spool: Spool) -> tuple[FileKind, Spool]:
    spool.seek(0)
    kind = of_head(spool.read(HEAD))
    if kind is None:
        return apart.office(spool)
    if kind in PICTURES:
        return kind, pictures.drawn_anew(spool, kind)
    _require_no_archive(spool)
    if kind in (MP4, M4A):
        return kind, recordings.without_telling(spool)
    (apart.pdf if kind is PDF else plain.look_through)(spool)
    return kind, spool


def _require_no_archive(spool: Spool) -> None:
    spool.seek(max(0, spool.size - TAIL))
    if DIRECTORY in spool.read(TAIL):
        raise FileRefused("two_in_one")


def _require_name(name: str, kind: FileKind) -> None:
    """A name that ends as if it were something else deceives who opens it."""
    ending = names.ending(name)
    if ending and ending not in kind.endings:
        raise FileRefused("other_name", ending=ending, kind=kind.label)
