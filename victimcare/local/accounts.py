"""The operating-system user that the database server runs as. PostgreSQL refuses root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from victimcare.local.problems import Problem


@dataclass(frozen=True)
class Account:
    """`drops` says that we are root and the server must become somebody else."""

    uid: int
    gid: int
    drops: bool

    def prefix(self) -> list[str]:
        """What stands before a command so that it runs as this user."""
        if not self.drops:
            return []
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--"]

    def own(self, path: Path) -> Path:
        if self.drops:
            os.chown(path, self.uid, self.gid)
        return path


def server_account() -> Account:
    """Ourselves; as root the user `postgres` if there is one, else `nobody`."""
    if os.geteuid() == 0:
        return _unprivileged()
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise Problem(
            f"PostgreSQL does not run for user id {os.geteuid()}, which has no entry in /etc/passwd: "
            "add one, or set DATABASE_URL."
        ) from error
    return Account(entry.pw_uid, entry.pw_gid, drops=False)


def _unprivileged() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, drops=True)
    raise Problem("PostgreSQL does not run as root and there is neither a user postgres nor nobody: add one.")
