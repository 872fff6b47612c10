"""PDF and office documents are read by a process of their own, which has no key and no database, and a limit
of memory and time: a stranger's file costs and breaks no more. Where it dies, the file was too complicated.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Timer
from typing import IO

from django.conf import settings

from victimcare.files.kinds import BY_MEDIA_TYPE, FileKind
from victimcare.files.refusals import FileRefused
from victimcare.files.spool import Spool

ROOT = Path(__file__).resolve().parents[2]
# -E and -s: nothing of the environment or of a home decides what is imported.
COMMAND = (sys.executable, "-E", "-s", "-m", "victimcare.files.looking")
SECONDS = 60
PART = 64 * 1024
# Its memory is held once in a process of the web server, however many files come at once.
_one_at_a_time = Lock()


def pdf(spool: Spool) -> None:
    """Raises FileRefused."""
    with _asked("pdf", spool) as answer:
        _read(answer)


def office(spool: Spool) -> tuple[FileKind, Spool]:
    """What it is, and the same document as it is kept. Raises FileRefused."""
    with _asked("office", spool) as answer:
        said = _read(answer)
        made = Spool()
        while part := answer.read(PART):
            made.write(part)
    if made.size != said["size"]:
        raise FileRefused("too_complicated")
    return BY_MEDIA_TYPE[str(said["kind"])], made.finish()


@contextmanager
def _asked(what: str, spool: Spool) -> Iterator[IO[bytes]]:
    """The file goes through a pipe, never in clear onto a disk; what the process answers, likewise."""
    with _one_at_a_time, _started(what) as process:
        timer = Timer(SECONDS, process.kill)
        timer.start()
        try:
            # Where it died of the beginning, it does not read the end.
            with suppress(BrokenPipeError):
                _write(spool, process)
            yield process.stdout
        finally:
            timer.cancel()
            process.kill()


def _started(what: str) -> subprocess.Popen[bytes]:
    limits = {name: getattr(settings, name) for name in ("FILES_MAX_PIXELS", "FILES_MAX_OFFICE_BYTES")}
    return subprocess.Popen(  # noqa: S603  # our own program, and nothing that anybody sent
        [*COMMAND, what, json.dumps(limits)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env={},
    )  # fmt: skip


def _write(spool: Spool, process: subprocess.Popen[bytes]) -> None:
    with process.stdin as pipe:  # type: ignore[union-attr]  # a pipe was asked for
        for part in spool.chunks():
            pipe.write(part)


def _read(answer: IO[bytes]) -> dict[str, object]:
    """The first line of what it answers. Raises FileRefused."""
    try:
        said: dict[str, object] = json.loads(answer.readline(PART))
    except ValueError as error:
        raise FileRefused("too_complicated") from error
    if "refused" in said:
        raise FileRefused(str(said["refused"]), **said["params"])  # type: ignore[arg-type]  # as looking.py says
    return said
