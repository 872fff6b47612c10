"""The process that reads a stranger's PDF or office document (see apart.py, which starts it).

Without Django's settings, a key or a database: what takes this process over has the file that it came with.
"""

import json
import resource
import sys
from typing import IO, Any

MEGABYTE = 1024 * 1024
# While the largest picture of an office document is drawn, it needs some 400 MB for that alone.
MEMORY = {"pdf": 512 * MEGABYTE, "office": 1024 * MEGABYTE}
CPU_SECONDS = 30
PART = 64 * 1024


def main(what: str, limits: str, received: IO[bytes], answer: IO[bytes]) -> None:
    _limit(MEMORY[what])
    _configure(json.loads(limits))
    from victimcare.files.refusals import FileRefused

    try:
        said, content = _looked_through(what, received)
    except FileRefused as refused:
        said, content = {"refused": refused.code, "params": refused.params or {}}, None
    answer.write(json.dumps(said).encode() + b"\n")
    for part in content.chunks() if content else ():
        answer.write(part)
    answer.flush()


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    # What it holds is somebody's document: nothing of it on a disk when it dies.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _configure(limits: dict[str, int]) -> None:
    from django.conf import settings

    settings.configure(USE_I18N=False, **limits)


def _looked_through(what: str, received: IO[bytes]) -> tuple[dict[str, Any], Any]:
    from victimcare.files import office, pdfs
    from victimcare.files.spool import Spool

    spool = Spool()
    while part := received.read(PART):
        spool.write(part)
    if what == "pdf":
        pdfs.look_through(spool.finish())
        return {}, None
    kind, content = office.packed_anew(spool.finish())
    return {"kind": kind.media_type, "size": content.size}, content


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.stdin.buffer, sys.stdout.buffer)
