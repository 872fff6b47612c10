"""Where the local set-up keeps its files."""

import os
from pathlib import Path

from victimcare.local.problems import Problem

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# All that these commands put into a local folder.
IN_LOCAL = (
    *("secrets", "pg", "pg-home", "log", "run.lock", "database.lock", "set-up.log", "set-up.log.1"),
    *("chromium", "chromium-path", "playwright", "bench"),
)


def local_dir() -> Path:
    """`.local` in the checkout, or `LOCAL_DIR`. Nobody else may look into it."""
    named = os.environ.get("LOCAL_DIR")
    if not named:
        return private(CHECKOUT / ".local")
    path = Path(named).expanduser().absolute()
    if path.is_dir():
        _check_usable(path)
    return private(path)


def _check_usable(path: Path) -> None:
    """A folder that was there before is never closed to others: it may be /tmp, or somebody's home."""
    found = {each.name for each in path.iterdir()}
    if found - set(IN_LOCAL):
        raise Problem(f"The folder {path} holds other things: set LOCAL_DIR to an empty or a new one.")
    if not found and path.stat().st_mode & 0o077:
        raise Problem(
            f"Others can look into the folder {path}: `chmod 700` it, or set LOCAL_DIR to a new one."
        )


def private(path: Path) -> Path:
    """The folder, made if missing, of mode 0700. Only for folders of our own."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise Problem(
            f"The folder {path} cannot be used ({error.strerror}): set LOCAL_DIR to another."
        ) from error
    return path


def write_private(path: Path, text: str) -> None:
    """Write the file whole or not at all, of mode 0600 from its first moment."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
