"""`make clean`: stops what runs and removes all that the other commands made, secrets and database included.

Standard library only: it runs on the machine's own Python, with or without `.venv`. A database given by
DATABASE_URL and packages that root has installed are not touched.
"""

import os
import shutil
import signal
import time
from pathlib import Path

from victimcare.local import homes, locks
from victimcare.local.places import CHECKOUT, IN_LOCAL, local_dir
from victimcare.local.problems import Problem, run_main

STOP_SECONDS = 60
IN_CHECKOUT = (
    *(".venv", ".venv-static", "static-built", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"),
    ".import_linter_cache",
)
ANYWHERE = ("*/**/__pycache__", "locale/*/LC_MESSAGES/*.mo")


def main() -> int:
    local = local_dir()
    for lock in (local / "run.lock", local / "database.lock", *local.glob("bench/*/database.lock")):
        _stop_holder(lock)
    # The data sets of the bench have a cluster each.
    for each in (local, *local.glob("bench/*")):
        _remove_cluster(each)
    for path in (*(local / name for name in IN_LOCAL), *(CHECKOUT / name for name in IN_CHECKOUT)):
        _remove(path)
    for pattern in ANYWHERE:
        for path in list(CHECKOUT.glob(pattern)):
            _remove(path)
    if not any(local.iterdir()):
        local.rmdir()
    return 0


def _remove_cluster(local: Path) -> None:
    homes.end_leftover_server((homes.recorded(local) or local / "pg") / "data")
    homes.remove(local)


def _stop_holder(lock: Path) -> None:
    """Lock files are removed only after their holder has ended: a removed one would lock nothing."""
    if not lock.exists():
        return
    pid = locks.holder(lock)
    if pid is None:
        return
    print(f"Stopping process {pid}", flush=True)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while locks.holder(lock) is not None:
        if time.monotonic() > deadline:
            raise Problem(f"Process {pid} does not end: stop it and run `make clean` again.")
        time.sleep(0.2)


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise Problem(f"{path} cannot be removed ({error.strerror}): was it made by another user?") from error


if __name__ == "__main__":
    run_main(main)
