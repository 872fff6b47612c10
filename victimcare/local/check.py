"""`make check`: each check that needs no database prints its name; a failing one prints its tool's words."""

import subprocess
import sys
from pathlib import Path

from victimcare.local import environments, messages
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import run_main

BIN = Path(sys.executable).parent
PACKAGES = ("victimcare", "certification", "cases", "referrals")
LEVELS = ("--severity-level", "medium", "--confidence-level", "medium")

CHECKS = {
    "format": ("ruff", "format", "--check", "--quiet", "--diff", "."),
    "lint": ("ruff", "check", "--quiet", "."),
    # What ruff's rules of the same name do not stop at, or judge more mildly (pyproject.toml).
    "bandit": ("bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", *LEVELS, *PACKAGES),
    "types": ("mypy", *PACKAGES, "benchmarks"),
    "import contracts": ("lint-imports", "--no-cache"),
    "system check": ("python", "manage.py", "check", "--fail-level", "WARNING"),
    "migrations": ("python", "-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"),
    "access tables": ("python", "manage.py", "access_tables", "--check"),
    "field register": ("python", "manage.py", "field_register", "--check"),
    "messages": ("python", "-m", "victimcare.local.messages", "check"),
    "template format": ("djlint", "--check", "--quiet", *PACKAGES),
    "template lint": ("djlint", "--lint", "--quiet", *PACKAGES),
}


def main() -> int:
    messages.compile_all()
    env = environments.without_database()
    failed = [name for name, command in CHECKS.items() if not _passes(name, command, env)]
    if failed:
        print(f"Failed: {', '.join(failed)}.", flush=True)
    return 1 if failed else 0


def _passes(name: str, command: tuple[str, ...], env: dict[str, str]) -> bool:
    program, *arguments = command
    done = subprocess.run(
        [str(BIN / program), *arguments], cwd=CHECKOUT, env=env, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    print(f"{'ok    ' if done.returncode == 0 else 'FAILED'}  {name}", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    run_main(main)
