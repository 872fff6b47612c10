"""What processes have worked and hold, by the kernel's own count."""

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg2

PROC = Path("/proc")
# It works for what was written before, not for the page that is asked.
NOT_COUNTED = b"autovacuum"


@dataclass(frozen=True, slots=True)
class Parent:
    """A server by its first process: gunicorn's or PostgreSQL's."""

    pid: int

    def children(self) -> list[Path]:
        folders = [one for one in PROC.iterdir() if one.name.isdigit()]
        return [one for one in folders if _parent(one) == self.pid]

    def worked_ms(self) -> float:
        """Milliseconds of processor time of its children, threads and all; of those that live."""
        return sum(_worked_ms(one) for one in self.children() if NOT_COUNTED not in _bytes(one / "cmdline"))

    def largest_mb(self) -> float:
        """Resident memory of the child that holds most."""
        return max(_status(one, "VmRSS") for one in self.children()) / 1024


def database(url: str) -> Parent:
    """The server that answers at this address, which is on this machine."""
    connection = psycopg2.connect(url)
    try:
        return Parent(_parent(PROC / str(connection.info.backend_pid)))
    finally:
        connection.close()


def _worked_ms(folder: Path) -> float:
    """By thread: the kernel counts these in nanoseconds, whole processes in hundredths of a second."""
    counted = (_bytes(one / "schedstat").split() for one in (folder / "task").glob("*"))
    return sum(int(found[0]) for found in counted if found) / 1e6


def _parent(folder: Path) -> int:
    return _status(folder, "PPid")


def _status(folder: Path, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", _bytes(folder / "status").decode(errors="replace"))
    return int(found[1]) if found else 0


def _bytes(path: Path) -> bytes:
    """Empty for a process that is gone."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
