"""Where the local set-up keeps its files."""

import os
from pathlib import Path

from victimcare.local.problems import Problem

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def local_dir() -> Path:
    """`.local` in the checkout, or `LOCAL_DIR`. Nobody else may look into it."""
    path = Path(os.environ.get("LOCAL_DIR") or CHECKOUT / ".local").expanduser().absolute()
    return private(path)


def private(path: Path) -> Path:
    """The folder, made if missing, of mode 0700."""
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
