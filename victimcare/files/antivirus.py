"""The hook for a virus scanner: ClamAV's daemon, to which the file is streamed (INSTREAM).

`CLAMD_ADDRESS` is the path of its socket, or host:port. Where it is set and silent, nothing is taken.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

from victimcare.files.refusals import FileRefused
from victimcare.files.spool import Spool

SECONDS = 60
PART = 64 * 1024
CLEAN = b"stream: OK"
# Of more than its StreamMaxLength; and, with AlertExceedsMax, of more than it looks through.
TOO_LARGE = frozenset({
    b"INSTREAM size limit exceeded. ERROR",
    b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND",
    b"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND",
})  # fmt: skip
LONGEST_ANSWER = 4096


def look_through(spool: Spool) -> None:
    """Raises FileRefused where something was found, and where nobody could look."""
    if not settings.CLAMD_ADDRESS:
        return
    try:
        answer = _asked(spool)
    except (OSError, ValueError) as error:
        raise FileRefused("not_scanned") from error
    if answer in TOO_LARGE:
        raise FileRefused("scan_too_large")
    if answer.endswith(b" FOUND"):
        raise FileRefused("infected")
    if answer != CLEAN:
        raise FileRefused("not_scanned")


def _asked(spool: Spool) -> bytes:
    with _connected() as scanner:
        # Over its limit it says so and listens no more: what it said is read all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            _send(scanner, spool)
        return _answer(scanner)


def _send(scanner: socket.socket, spool: Spool) -> None:
    scanner.sendall(b"zINSTREAM\0")
    spool.seek(0)
    while part := spool.read(PART):
        scanner.sendall(struct.pack(">I", len(part)) + part)
    scanner.sendall(struct.pack(">I", 0))


def _answer(scanner: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        part = scanner.recv(LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n")


@contextmanager
def _connected() -> Iterator[socket.socket]:
    address = settings.CLAMD_ADDRESS
    if address.startswith("/"):
        scanner = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        scanner.settimeout(SECONDS)
        with scanner:
            scanner.connect(address)
            yield scanner
        return
    host, _colon, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as scanner:
        yield scanner
