"""Runs manage.py in a process of its own, with the local environment."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from victimcare.local import children
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem

MANAGE = (sys.executable, str(CHECKOUT / "manage.py"))


def quietly(env: Mapping[str, str], log: Path, *arguments: str) -> None:
    """A step of the set-up: its output goes to the log, and a failure is one sentence that names it."""
    process = children.spawn([*children.bound(MANAGE), *arguments], log=log, env=env, cwd=CHECKOUT)
    _finish(process, f"The step `{' '.join(arguments)}` failed; its own words are at the end of {log}.")


def aloud(env: Mapping[str, str], *arguments: str) -> int:
    """A command of the user's, on the user's terminal; its exit code."""
    process = subprocess.Popen([*children.bound(MANAGE), *arguments], env=dict(env), cwd=CHECKOUT)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _finish(process: children.Process, complaint: str) -> None:
    try:
        code = process.wait()
    finally:
        if process.poll() is None:
            children.stop(process)
    if code:
        raise Problem(complaint)
