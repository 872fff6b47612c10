"""`make static`: semgrep with our own rules, from an environment of its own that is made if it is missing."""

import subprocess
import sys
import venv

from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem, run_main

PLACE = CHECKOUT / ".venv-static"
PROGRAM = PLACE / "bin" / "semgrep"
LOCK = CHECKOUT / "requirements-static.lock"


def main() -> int:
    if not PROGRAM.exists():
        _install()
    command = [sys.executable, str(CHECKOUT / "tests" / "static" / "check.py"), str(PROGRAM)]
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode


def _install() -> None:
    print("Installing semgrep into .venv-static (first time only)", flush=True)
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(PLACE)
    command = [str(PLACE / "bin" / "pip"), "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-deps", "--requirement", str(LOCK)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise Problem("semgrep could not be installed: is the network there?")


if __name__ == "__main__":
    run_main(main)
