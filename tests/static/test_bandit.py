"""Bandit, as `make check` runs it, finds what is planted."""

import json
import subprocess
import sys
from pathlib import Path

from victimcare.local.check import CHECKS, PACKAGES

PLANTED = "tests/static/planted"


def found(*places: str) -> set[str]:
    command = [one for one in CHECKS["bandit"] if one not in PACKAGES]
    program, *arguments = [
        str(Path(sys.executable).parent / command[0]),
        *command[1:],
        "--format",
        "json",
        *places,
    ]
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return {one["test_id"] for one in json.loads(done.stdout)["results"]}


def test_bandit_finds_what_is_planted_and_nothing_else():
    assert {"B301", "B307", "B324", "B602", "B608"} <= found(PLANTED)
    assert found(*PACKAGES) == set()
