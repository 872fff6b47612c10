"""The data set of a size, in a cluster of its own that is kept: made when it is first needed, used again when
the same generator made it for the same schema.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from victimcare.local import assets, children, commands, environments, given, homes
from victimcare.local.cluster import ensure as cluster
from victimcare.local.places import CHECKOUT, local_dir, private, write_private
from victimcare.local.problems import Problem

LEAST, STEP = 2_000, 500
FOLDER, MARK, CAST = "bench", "made.json", "cast.json"
# What decides about the rows: when one of these changes, the data set is made anew.
SOURCES = (
    "bare", "cases", "cast", "copying", "details", "fill", "people", "pens", "places", "plan",
    "providers", "log", "referrals", "words", "working",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A folder with its cluster, the environment of the product's processes, and who is who (cast.json)."""

    local: Path
    env: dict[str, str]
    cast: dict[str, Any]


@contextmanager
def ensure(cases: int, names_folder: str = "") -> Iterator[Made]:
    """The data set of so many cases, its server running as the product's does. Raises Problem."""
    _check(cases, names_folder)
    local = private(private(local_dir() / FOLDER) / str(cases))
    wanted = _wanted(cases, names_folder)
    if _is(local / MARK) != wanted:
        _make(local, cases, names_folder)
        write_private(local / MARK, json.dumps(wanted))
    with cluster(local) as urls:
        yield Made(local, environments.serving(local, urls), _is(local / CAST))


def _check(cases: int, names_folder: str) -> None:
    if cases < LEAST or cases % STEP:
        raise Problem(f"Say how many cases: {LEAST} or more, in steps of {STEP}.")
    if names_folder and not Path(names_folder).is_dir():
        raise Problem("There is no such folder of names.")
    if given.is_given():
        raise Problem("The data set needs a cluster of its own: unset DATABASE_URL.")


def _is(path: Path) -> Any:
    """What stands there, None where there is nothing."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _wanted(cases: int, names_folder: str) -> dict[str, Any]:
    """By what a data set that is there is known as the one that would be made."""
    sources = hashlib.sha256()
    for name in SOURCES:
        path = CHECKOUT / "benchmarks" / f"{name}.py"
        sources.update(path.read_bytes() if path.exists() else b"")
    migrations = sorted(path.name for path in CHECKOUT.glob("*/migrations/0*.py"))
    return {
        "cases": cases,
        "names": str(Path(names_folder).resolve()) if names_folder else "",
        "generator": sources.hexdigest(),
        "migrations": hashlib.sha256(" ".join(migrations).encode()).hexdigest(),
    }


def _make(local: Path, cases: int, names_folder: str) -> None:
    """Into an empty folder: what was cut short, or made by another generator, goes first."""
    homes.end_leftover_server((homes.recorded(local) or local / "pg") / "data")
    homes.remove(local)
    shutil.rmtree(local)
    private(local)
    # It need not survive a power cut until it is whole.
    with cluster(local, durable=False) as urls:
        env = environments.serving(local, urls)
        log = children.fresh_log(local / "set-up.log")
        assets.build(local)
        commands.quietly(env, log, "migrate", "--no-input", "--verbosity=0")
        program = [sys.executable, "-m", "benchmarks.fill", str(cases), str(local / CAST), names_folder]
        done = subprocess.run(
            children.bound(program), cwd=CHECKOUT, env=env | {"VICTIMCARE_ROLE": "owner"}, check=False
        )
        if done.returncode:
            raise Problem("The data set could not be made; the reason stands above.")
    os.sync()
