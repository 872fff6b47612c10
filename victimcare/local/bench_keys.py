"""`make bench-keys`: what keys cost, on scratch databases; with a mapping and a file, an import too.

Usage: python -m victimcare.local.bench_keys [MAPPING FILE]
"""

import subprocess
import sys
from collections.abc import Mapping

from victimcare.local import assets, children, commands, scratch
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import run_main

OWNER = {"VICTIMCARE_ROLE": "owner"}


def main() -> int:
    failed = _on_a_fresh_database("page") + _on_a_fresh_database("rotate")
    if sys.argv[1:]:
        failed += _on_a_fresh_database("place", "import", *sys.argv[1:])
    return int(failed > 0)


def _on_a_fresh_database(*what: str) -> int:
    """The first word is a part as the owner; what follows, if anything does, one as the application."""
    with scratch.environment(durable=True) as (local, env):
        assets.build(local)
        log = children.fresh_log(local / "set-up.log")
        commands.quietly(env, log, "migrate", "--no-input", "--verbosity=0")
        failed = _part({**env, **OWNER}, what[0])
        return failed + (_part(env, *what[1:]) if what[1:] else 0)


def _part(env: Mapping[str, str], *arguments: str) -> int:
    command = children.bound([sys.executable, "-m", "tests.benches.keys", *arguments])
    return subprocess.run(command, cwd=CHECKOUT, env=dict(env), check=False).returncode


if __name__ == "__main__":
    run_main(main)
