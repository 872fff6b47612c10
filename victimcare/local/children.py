"""Processes that live no longer than the one that started them."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from victimcare.local.problems import Problem

Process = subprocess.Popen[bytes]


def bound(command: Sequence[str | Path], *, dies_by: str = "TERM") -> list[str]:
    """The command, tied to this process: the kernel sends it `dies_by` when we end, by kill -9 too."""
    if shutil.which("setpriv") is None:
        raise Problem("The command setpriv is missing: install util-linux.")
    return ["setpriv", "--pdeathsig", dies_by, "--", *map(str, command)]


def spawn(command: Sequence[str | Path], *, log: Path, env: Mapping[str, str], cwd: Path) -> Process:
    """Start a bound command in a session of its own (a Ctrl-C reaches us only), writing to the log file."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )


def stop(process: Process, *, grace: float = 10) -> None:
    """Ask the process group to end, and end it if it does not."""
    _signal_group(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(grace)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def fresh_log(path: Path) -> Path:
    """The log file, empty; the one of the run before stays beside it as `.1`."""
    if path.exists():
        path.replace(path.with_name(f"{path.name}.1"))
    path.touch(mode=0o600)
    return path
