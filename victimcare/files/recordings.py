"""Recordings (MP4, M4A): their boxes are walked from beginning to end. What tells of place, device and person
is overwritten by nothing, in its place, so that the rest stays where it is; so is what nobody knows, and each
track that is neither picture nor sound, with its samples (places, second by second).
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from victimcare.files.refusals import FileRefused
from victimcare.files.spool import Spool

TOP = frozenset({
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"mfra", b"sidx", b"styp", b"meta",
    b"uuid", b"udta", b"pdin", b"ssix", b"prft", b"emsg",
})  # fmt: skip
NEEDED = frozenset({b"ftyp", b"moov"})
WITH_BOXES = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"edts"})
# Place, device, title, comments; and what anybody may put there.
TELLING = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"emsg"})
# What has to be in a box for a recording to be played; the rest of it goes.
PLAYED = {
    b"moov": frozenset({b"mvhd", b"trak", b"mvex"}),
    b"trak": frozenset({b"tkhd", b"mdia", b"edts"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"}),
}
SEEN_OR_HEARD = {b"vide", b"soun"}
MOST_BOXES = 10_000
MOST_SAMPLES = 1_000_000
PART = 64 * 1024


class Box(NamedTuple):
    kind: bytes
    start: int
    body: int
    end: int
    inside: bytes


class Blank(NamedTuple):
    """What is overwritten by nothing, after the head that is put in its place."""

    start: int
    end: int
    head: bytes


def without_telling(spool: Spool) -> Spool:
    """The same recording. Raises FileRefused."""
    boxes = _boxes(spool)
    if boxes[0].kind != b"ftyp" or not {box.kind for box in boxes} >= NEEDED:
        raise FileRefused("damaged")
    made = Spool()
    _copy(spool, made, sorted(_blanks(spool, boxes)))
    return made.finish()


def _boxes(spool: Spool) -> list[Box]:
    """All of the file, and what is in those boxes that hold others, from the beginning on."""
    found: list[Box] = []
    waiting = [(0, spool.size, b"")]
    while waiting:
        start, end, inside = waiting.pop()
        while start < end:
            box = _box(spool, start, end, inside)
            if not inside and box.kind not in TOP:
                raise FileRefused("two_in_one")
            if len(found) > MOST_BOXES:
                raise FileRefused("too_complicated")
            found.append(box)
            if box.kind in WITH_BOXES:
                waiting.append((box.body, box.end, box.kind))
            start = box.end
    return sorted(found, key=lambda box: box.start)


def _blanks(spool: Spool, boxes: list[Box]) -> Iterator[Blank]:
    for box in boxes:
        if box.kind in TELLING or box.kind not in PLAYED.get(box.inside, {box.kind}):
            yield _freed(spool, box)
    for track in (box for box in boxes if box.kind == b"trak"):
        parts = [box for box in boxes if track.start < box.start < track.end]
        if not _is_played(spool, parts):
            yield _freed(spool, track)
            yield from _samples(spool, parts, boxes)


def _freed(spool: Spool, box: Box) -> Blank:
    spool.seek(box.start)
    head = spool.read(box.body - box.start)
    return Blank(box.start, box.end, head[:4] + b"free" + head[8:])


def _is_played(spool: Spool, parts: list[Box]) -> bool:
    kinds = set()
    for box in parts:
        if box.kind == b"hdlr" and box.inside == b"mdia":
            spool.seek(box.body + 8)
            kinds.add(spool.read(4))
    return len(kinds) == 1 and kinds <= SEEN_OR_HEARD


def _samples(spool: Spool, parts: list[Box], boxes: list[Box]) -> Iterator[Blank]:
    """Where the samples of a track lie. Raises FileRefused where that cannot be said."""
    if any(box.kind == b"moof" for box in boxes):
        raise FileRefused("recording_tells")
    media = [box for box in boxes if box.kind == b"mdat"]
    for start, end in _chunks(spool, {box.kind: box for box in parts if box.inside == b"stbl"}):
        if not any(box.body <= start and end <= box.end for box in media):
            raise FileRefused("recording_tells")
        yield Blank(start, end, b"")


def _chunks(spool: Spool, tables: dict[bytes, Box]) -> Iterator[tuple[int, int]]:
    wide = b"co64" in tables
    places = _numbers(spool, tables.get(b"co64" if wide else b"stco"), 4, "Q" if wide else "I")
    if not places:
        return
    sizes = iter(_sizes(spool, tables.get(b"stsz")))
    runs = iter(_numbers(spool, tables.get(b"stsc"), 4, "III"))
    run: tuple[int, ...] = (1, 0, 1)
    following = next(runs, None)
    for number, (place,) in enumerate(places, 1):
        while following and following[0] <= number:
            run, following = following, next(runs, None)
        yield place, place + sum(islice(sizes, run[1]))
    if next(sizes, None) is not None:
        raise FileRefused("recording_tells")


def _sizes(spool: Spool, box: Box | None) -> list[int]:
    """Of each sample; all may have the same."""
    if box is None:
        raise FileRefused("recording_tells")
    spool.seek(box.body + 4)
    head = spool.read(8)
    if len(head) < 8:
        raise FileRefused("damaged")
    same, count = struct.unpack(">II", head)
    if count > MOST_SAMPLES:
        raise FileRefused("too_complicated")
    return [same] * count if same else [size for (size,) in _numbers(spool, box, 8, "I")]


def _numbers(spool: Spool, box: Box | None, count_at: int, row: str) -> list[tuple[int, ...]]:
    """The rows of a table, whose count stands before them."""
    if box is None:
        return []
    spool.seek(box.body + count_at)
    head, size = spool.read(4), struct.calcsize(f">{row}")
    count = int.from_bytes(head, "big")
    if count > MOST_SAMPLES:
        raise FileRefused("too_complicated")
    rows = spool.read(count * size)
    if box.body + count_at + 4 + count * size > box.end or len(rows) != count * size:
        raise FileRefused("damaged")
    return list(struct.iter_unpack(f">{row}", rows))


def _box(spool: Spool, start: int, end: int, inside: bytes) -> Box:
    spool.seek(start)
    head = spool.read(16)
    if len(head) < 8:
        raise FileRefused("two_in_one")
    size, kind, body = struct.unpack(">I", head[:4])[0], head[4:8], start + 8
    if size == 1 and len(head) == 16:
        size, body = struct.unpack(">Q", head[8:])[0], start + 16
    if size == 0:
        size = end - start
    if start + size < body or start + size > end:
        raise FileRefused("two_in_one")
    return Box(kind, start, body, start + size, inside)


def _copy(spool: Spool, made: Spool, blanks: list[Blank]) -> None:
    at = 0
    for blank in blanks:
        start = max(at, blank.start)
        if blank.end <= at or (blank.head and blank.start < at):
            continue  # inside of one that is gone
        _copy_part(spool, made, at, start)
        made.write(blank.head)
        _write_nothing(made, blank.end - start - len(blank.head))
        at = blank.end
    _copy_part(spool, made, at, spool.size)


def _copy_part(spool: Spool, made: Spool, start: int, end: int) -> None:
    spool.seek(start)
    while start < end:
        part = spool.read(min(PART, end - start))
        made.write(part)
        start += len(part)


def _write_nothing(made: Spool, count: int) -> None:
    while count:
        part = min(PART, count)
        made.write(bytes(part))
        count -= part
