"""What the process is told from outside: environment variables, and files for secrets."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# These create or change tables, fill an empty database, put new ciphertext in the place of old, or erase anew
# in a restored one. Everything else connects as the application's role, which owns nothing.
OWNER_COMMANDS = frozenset({
    "migrate", "makemigrations", "sqlmigrate", "flush", "sqlflush", "demo", "keys", "erasures",
})  # fmt: skip


def secret(name: str) -> str:
    """The secret in the file named by `<name>_FILE`, else in `<name>`. There is no default."""
    value = optional_secret(name)
    if not value:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE. See .env.example.")
    return value


def optional_secret(name: str) -> str:
    """As `secret`, or empty. Raises ImproperlyConfigured where a named file cannot be read."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, "")
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error


def flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def text(name: str, default: str) -> str:
    return os.environ.get(name) or default


def words(name: str) -> list[str]:
    return [word for word in os.environ.get(name, "").replace(",", " ").split() if word]


def number(name: str, default: int, *, most: int = 1_000_000) -> int:
    """A whole number from 1 to `most`; `default` where nothing is set. Raises ImproperlyConfigured."""
    told = text(name, str(default))
    if not (told.isascii() and told.isdecimal()) or not 1 <= int(told) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from 1 to {most}.")
    return int(told)


def acts_as_owner() -> bool:
    """One database alias; the role is chosen per process (design section 3)."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    return os.environ.get("VICTIMCARE_ROLE") == "owner" or command in OWNER_COMMANDS


def database_urls() -> tuple[str, str]:
    """The application's address and the owner's; the same where only one is given."""
    application = secret("DATABASE_URL")
    return application, optional_secret("DATABASE_OWNER_URL") or application
