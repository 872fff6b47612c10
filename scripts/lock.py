"""Writes the locked requirements: every version with its hashes, and the address of no index.

Usage: python scripts/lock.py [--upgrade]
"""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header", "--quiet"),
)
LOCKS = {
    "requirements.lock": ("pyproject.toml",),
    "requirements-dev.lock": ("pyproject.toml", "--group", "dev"),
    "requirements-embedded.lock": ("--group", "embedded"),
    "requirements-static.lock": ("--group", "static"),
}


def main() -> int:
    for lock, sources in LOCKS.items():
        command = ["uv", "pip", "compile", *OPTIONS, *sources, *sys.argv[1:], "--output-file", lock]
        code = subprocess.run([sys.executable, "-m", *command], cwd=CHECKOUT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
