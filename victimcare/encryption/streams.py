"""Files in segments, so that memory stays flat: each is sealed by itself, and bound to its place in the file.

A segment says in its associated data which model and record it belongs to, where in the file it stands, and
whether it is the last (the STREAM construction): one that was moved, dropped, doubled, added or cut off, or
that is of another file, cannot be read. No database, no Django models.
"""

import os
from collections.abc import Iterable, Iterator
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from victimcare.encryption.ciphers import Unreadable, derive
from victimcare.encryption.roots import KEY_BYTES, NONCE_BYTES

# format (1 byte), nonce (12), ciphertext with its tag (16).
FORMAT = b"\x01"
BODY = len(FORMAT) + NONCE_BYTES
OVERHEAD = BODY + 16
SEGMENT = 256 * 1024
PURPOSE = "files"


class Stream:
    """One file: its key and what it belongs to. A key is used for one file, which is never changed."""

    def __init__(self, secret: bytes, model: str, record: UUID) -> None:
        self._cipher = AESGCM(derive(secret, f"{PURPOSE}:{record}"))
        self._place = f"victimcare:{PURPOSE}:{FORMAT.hex()}:{model}:{record.hex}:".encode()

    def seal(self, plain: bytes, position: int, *, last: bool) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, plain, self.associated_data(position, last))

    def open(self, blob: bytes, position: int, *, last: bool) -> bytes:
        """Raises Unreadable for anything but this segment of this file, with the alarm."""
        if len(blob) < OVERHEAD or not blob.startswith(FORMAT):
            raise Unreadable
        try:
            return self._cipher.decrypt(
                blob[len(FORMAT) : BODY], blob[BODY:], self.associated_data(position, last)
            )
        except InvalidTag as error:
            raise Unreadable from error

    def associated_data(self, position: int, last: bool) -> bytes:
        return self._place + f"{position}:{'last' if last else 'more'}".encode()


def new_secret() -> bytes:
    return os.urandom(KEY_BYTES)


def count_of(size: int) -> int:
    """How many segments hold a file of so many bytes. An empty file has one, so that it can be believed."""
    return max(1, -(-size // SEGMENT))


def segments_of(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Chunks of any size as segments of one size, each with whether it is the last."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > SEGMENT:
            yield bytes(held[:SEGMENT]), False
            del held[:SEGMENT]
    yield bytes(held), True


def opened(stream: Stream, blobs: Iterable[bytes | None], size: int) -> Iterator[bytes]:
    """A file of that size, segment by segment, from what is stored. Raises Unreadable where it is not whole:
    what came before was right, and what follows is not given.
    """
    count, held, seen = count_of(size), 0, 0
    for position, blob in enumerate(blobs):
        if blob is None or position >= count:
            raise Unreadable
        plain = stream.open(blob, position, last=position == count - 1)
        held, seen = held + len(plain), seen + 1
        yield plain
    if seen != count or held != size:
        raise Unreadable
