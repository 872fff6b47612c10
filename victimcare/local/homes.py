"""Where a cluster lives, so that the server's user can reach it and nobody else can."""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

from victimcare.local.accounts import Account
from victimcare.local.places import private
from victimcare.local.problems import Problem

STATE = Path("/var/lib")
PREFIX = "victimcare-"
SOCKET_NAME = "/.s.PGSQL.5432"
# sun_path is 108 bytes with its closing zero.
LONGEST_SOCKET = 107
END_SECONDS = 10


def home(local: Path, account: Account) -> Path:
    """`pg` in the local folder. As root a folder of the server's user in /var/lib, remembered in `pg-home`:
    the local folder is private to root, so the server's user could not reach into it.
    """
    if not account.drops:
        return private(local / "pg")
    known = recorded(local)
    if known and known.is_dir():
        return known
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=STATE))
    (local / "pg-home").write_text(str(made), encoding="utf-8")
    print(
        f"PostgreSQL does not run as root: the database is kept in {made}, as the user with id {account.uid}."
    )
    return account.own(made)


def recorded(local: Path) -> Path | None:
    """The cluster's folder outside the local one, if there is any."""
    try:
        path = Path((local / "pg-home").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return path if is_ours(path) else None


def is_ours(path: Path) -> bool:
    """May `make clean` remove it? Only what this module named."""
    return path.parent in {STATE, Path("/tmp")} and path.name.startswith(PREFIX) and not path.is_symlink()  # noqa: S108  # where such homes are


def socket_folder(home_folder: Path, account: Account) -> Path:
    """A folder of mode 0700 of the server's user, whose path is short enough for a socket."""
    folder = home_folder / "socket"
    if len(os.fsencode(f"{folder}{SOCKET_NAME}")) <= LONGEST_SOCKET:
        return account.own(private(folder))
    return _short_folder(home_folder)


def _short_folder(home_folder: Path) -> Path:
    """A link beside the data remembers it, so that the next start and `make clean` find it."""
    link = home_folder / "socket-folder"
    if link.is_symlink() and _is_private(link.resolve()):
        return link.resolve()
    link.unlink(missing_ok=True)
    # A fresh name each time: a folder in /tmp that was there before may be somebody else's.
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    link.symlink_to(made)
    return made


def _is_private(folder: Path) -> bool:
    try:
        facts = folder.lstat()
    except FileNotFoundError:
        return False
    return facts.st_mode & 0o777 == 0o700 and facts.st_uid == os.geteuid()


def file_for_server(path: Path, account: Account) -> Path:
    """The file, made if missing, which the server's user and root can read and nobody else."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    return account.own(path)


def end_leftover_server(data: Path) -> None:
    """End a server that outlived its keeper; forget one whose process number is somebody else's now.

    Only for the holder of the database's lock: nobody else of ours uses this data.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if not _serves(pid, data):
        pid_file.unlink(missing_ok=True)
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + END_SECONDS
    while _serves(pid, data):
        if time.monotonic() > deadline:
            raise Problem(f"An earlier database server (process {pid}) does not end: stop it and try again.")
        time.sleep(0.1)


def _serves(pid: int, data: Path) -> bool:
    try:
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def remove(local: Path) -> None:
    """Remove what the cluster of `local` keeps outside of it. Its server must have ended."""
    outside = recorded(local)
    link = local / "pg" / "socket-folder"
    for path in (outside, link.resolve() if link.is_symlink() else None):
        if path and is_ours(path):
            shutil.rmtree(path, ignore_errors=True)
