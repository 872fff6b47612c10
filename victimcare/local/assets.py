"""Builds what a fresh checkout lacks and git does not keep: compiled messages and collected static files."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from victimcare.local import commands, environments, messages
from victimcare.local.places import CHECKOUT, write_private

# Relative to the checkout; the lock stands for the static files of installed packages.
STATIC_SOURCES = ("*/static/**/*", "requirements.lock")
# Beside what it describes, so that all local folders of a checkout agree on it; written last.
MARK = CHECKOUT / "static-built" / ".built-from"


def build(local: Path) -> None:
    """Compile messages and collect static files, each only if a source has changed."""
    messages.compile_all()
    wanted = _fingerprint(_static_sources())
    if MARK.exists() and MARK.read_text(encoding="ascii") == wanted:
        return
    arguments = ("collectstatic", "--no-input", "--clear", "--verbosity=0")
    commands.quietly(environments.without_database(), local / "set-up.log", *arguments)
    write_private(MARK, wanted)


def _static_sources() -> Iterable[Path]:
    return sorted(path for pattern in STATIC_SOURCES for path in CHECKOUT.glob(pattern) if path.is_file())


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(
            f"{path.relative_to(CHECKOUT)} {path.stat().st_size} {path.stat().st_mtime_ns}\n".encode()
        )
    return digest.hexdigest()
