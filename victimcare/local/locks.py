"""One process at a time. The kernel frees these locks when their holder ends, kill -9 included."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """True if this process got the lock, for as long as the block lasts; False if another one holds it.

    The file names the holder's process (`holder`).
    """
    # Not handed on to children (Python's default): a child must not keep the lock of a dead parent.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode("ascii"))
        yield True
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """The process that holds the lock now, if any."""
    try:
        with held(path) as free:
            return None if free else int(path.read_text() or 0) or None
    except FileNotFoundError:
        return None
