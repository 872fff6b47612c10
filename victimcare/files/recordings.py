"""Recordings (MP4, M4A): their boxes are walked from beginning to end, and what tells of place, device and
person is overwritten by nothing, in its place, so that the rest stays where it is.
"""

import struct
from typing import NamedTuple

from victimcare.files.refusals import FileRefused
from victimcare.files.spool import Spool

TOP = frozenset({
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"mfra", b"sidx", b"styp", b"meta",
    b"uuid", b"udta", b"pdin", b"ssix", b"prft", b"emsg",
})  # fmt: skip
NEEDED = frozenset({b"ftyp", b"moov"})
WITH_BOXES = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf", b"edts", b"minf"})
# Place, device, title, comments; and what anybody may put there.
TELLING = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"emsg"})
MOST_BOXES = 10_000
PART = 64 * 1024


class Box(NamedTuple):
    kind: bytes
    start: int
    body: int
    end: int


def without_telling(spool: Spool) -> Spool:
    """The same recording. Raises FileRefused."""
    boxes = _boxes(spool)
    if boxes[0].kind != b"ftyp" or not {box.kind for box in boxes} >= NEEDED:
        raise FileRefused("damaged")
    made = Spool()
    _copy(spool, made, [box for box in boxes if box.kind in TELLING])
    return made.finish()


def _boxes(spool: Spool) -> list[Box]:
    """All of the file, and what is in those boxes that hold others, from the beginning on."""
    found: list[Box] = []
    waiting = [(0, spool.size, TOP)]
    while waiting:
        start, end, allowed = waiting.pop()
        while start < end:
            box = _box(spool, start, end)
            if allowed and box.kind not in allowed:
                raise FileRefused("two_in_one")
            if len(found) > MOST_BOXES:
                raise FileRefused("too_complicated")
            found.append(box)
            if box.kind in WITH_BOXES:
                waiting.append((box.body, box.end, frozenset()))
            start = box.end
    return sorted(found, key=lambda box: box.start)


def _box(spool: Spool, start: int, end: int) -> Box:
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
    return Box(kind, start, body, start + size)


def _copy(spool: Spool, made: Spool, telling: list[Box]) -> None:
    at = 0
    for box in telling:
        if box.start < at:
            continue  # inside of one that is gone
        _copy_part(spool, made, at, box.start)
        spool.seek(box.start)
        head = spool.read(box.body - box.start)
        made.write(head[:4] + b"free" + head[8:])
        _write_nothing(made, box.end - box.body)
        at = box.end
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
