"""Where a file lies while it is looked through: encrypted under a key of this process's memory alone."""

import io
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from uuid import uuid4

from victimcare.encryption.streams import OVERHEAD, SEGMENT, Stream, count_of, new_secret

# Small ones never reach the disk; what does is an unnamed file of ciphertext.
IN_MEMORY = 4 * (SEGMENT + OVERHEAD)
STORED = SEGMENT + OVERHEAD


class Spool(io.RawIOBase):
    """Written from beginning to end, then `finish()`; from then on it is read, at any place."""

    def __init__(self) -> None:
        super().__init__()
        self._stream = Stream(new_secret(), "spool", uuid4())
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed with this one
        self._waiting = bytearray()
        self._written = 0
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")
        self.size = 0
        self.is_finished = False

    def write(self, data: Any) -> int:
        if self.is_finished:
            raise io.UnsupportedOperation("It is finished.")
        self._waiting += data
        self.size += len(data)
        while len(self._waiting) > SEGMENT:
            self._store(bytes(self._waiting[:SEGMENT]), last=False)
            del self._waiting[:SEGMENT]
        return len(data)

    def finish(self) -> "Spool":
        if not self.is_finished:
            self._store(bytes(self._waiting), last=True)
            self._waiting = bytearray()
            self.is_finished = True
        return self

    def _store(self, plain: bytes, *, last: bool) -> None:
        self._file.write(self._stream.seal(plain, self._written, last=last))
        self._written += 1

    def as_file(self) -> IO[bytes]:
        """For who wants a file, and asks no more of it than this one gives."""
        return cast(IO[bytes], self)

    # -- reading ---------------------------------------------------------------------------------------------
    def readable(self) -> bool:
        return self.is_finished

    def writable(self) -> bool:
        return not self.is_finished

    def seekable(self) -> bool:
        return self.is_finished

    def readinto(self, buffer: Any) -> int:
        position, offset = divmod(self._at, SEGMENT)
        if self._at >= self.size:
            return 0
        found = self._segment(position)[offset : offset + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def read(self, size: int | None = -1, /) -> bytes:
        """As many bytes as were asked for, as a file gives them: parsers rely on it."""
        wanted = self.size - self._at if size is None or size < 0 else min(size, self.size - self._at)
        found = bytearray()
        while len(found) < wanted:
            position, offset = divmod(self._at, SEGMENT)
            part = self._segment(position)[offset : offset + wanted - len(found)]
            found += part
            self._at += len(part)
        return bytes(found)

    def _segment(self, position: int) -> bytes:
        if self._held[0] != position:
            self._file.seek(position * STORED)
            last = position == count_of(self.size) - 1
            self._held = position, self._stream.open(self._file.read(STORED), position, last=last)
        return self._held[1]

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if not self.is_finished:
            raise io.UnsupportedOperation("It is written from beginning to end.")
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("There is nothing before the beginning.")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at if self.is_finished else self.size

    def chunks(self) -> Iterator[bytes]:
        """All of it, a segment at a time."""
        self.seek(0)
        while part := self.read(SEGMENT):
            yield part

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            self._held = -1, b""
        super().close()
