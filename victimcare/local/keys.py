"""The secrets of a local set-up: made once, kept in files of mode 0600, never in a process's arguments."""

import base64
import os
import secrets
from pathlib import Path

from victimcare.local.places import private, write_private
from victimcare.local.problems import Problem


def _once(path: Path, value: str) -> Path:
    if not path.exists():
        write_private(path, value)
    return path


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Problem(
            f"The file {path} cannot be read ({error.strerror}): was it made by another user?"
        ) from error


def password(local: Path, name: str) -> str:
    """The database password of that name; letters and digits, so that it stands in a URL as it is."""
    return _read(_once(private(local / "secrets") / f"database-{name}", secrets.token_hex(24)))


def demonstration_password(local: Path) -> str:
    """Of every demonstration account: DEMO_PASSWORD when first asked for, else random; then it stays."""
    wanted = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(12)
    return _read(_once(private(local / "secrets") / "demonstration-password", wanted))


def application_secrets(local: Path) -> dict[str, str]:
    """Environment naming the files of Django's key and of the root key; what the operator has set stays.

    The root key is 32 random bytes in base64. Whoever loses it loses every encrypted field.
    """
    folder = private(local / "secrets")
    made = {
        "SECRET_KEY": _once(folder / "secret-key", secrets.token_urlsafe(50)),
        "VICTIMCARE_ROOT_KEY": _once(folder / "root-key", base64.b64encode(os.urandom(32)).decode("ascii")),
    }
    return {
        f"{name}_FILE": str(path)
        for name, path in made.items()
        if not os.environ.get(name) and not os.environ.get(f"{name}_FILE")
    }
