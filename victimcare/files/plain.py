"""Text files: UTF-8 from beginning to end, and nothing that a browser or an interpreter would act on."""

import codecs

from victimcare.files.kinds import ACTS
from victimcare.files.refusals import FileRefused
from victimcare.files.spool import Spool

# So much of a segment is read again with the next: what acts may stand on the border.
OVERLAP = 64
CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f") + b"\x7f"


def look_through(spool: Spool) -> None:
    """Raises FileRefused."""
    decoder, before = codecs.getincrementaldecoder("utf-8")(), b""
    try:
        for part in spool.chunks():
            decoder.decode(part)
            _require_plain(before + part)
            before = part[-OVERLAP:]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise FileRefused("not_taken") from error


def _require_plain(part: bytes) -> None:
    if ACTS.search(part):
        raise FileRefused("page")
    if part.translate(None, CONTROLS) != part:
        raise FileRefused("not_taken")
