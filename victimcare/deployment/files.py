"""Secrets and ledger on the disk, and what this process is told that it should not know."""

import os
import stat
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from victimcare.deployment import TAG, Rule, advised, broken, refused
from victimcare.encryption.roots import KEY_BYTES, KeyUnavailable, local_keys
from victimcare.sign_in import leaked

SECRETS = (
    "SECRET_KEY_FILE", "VICTIMCARE_ROOT_KEY_FILE", "VICTIMCARE_OLD_ROOT_KEYS_FILE", "DATABASE_URL_FILE",
    "DATABASE_OWNER_URL_FILE", "VICTIMCARE_VAULT_TOKEN_FILE", "EMAIL_HOST_PASSWORD_FILE",
)  # fmt: skip
OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# Of random bytes nearly all are different; of a made-up key they are not.
FEWEST_BYTES = 20


@checks.register(TAG, deploy=True)
def secrets_are_private(**kwargs: Any) -> list[checks.CheckMessage]:
    """Read and written by the service's own user alone, in a folder that nobody else can change."""
    return [message for name in SECRETS if os.environ.get(name) for message in _private(name)]


def _private(name: str) -> Iterator[checks.CheckMessage]:
    path = Path(os.environ[name])
    mode, folder = _mode(path), _mode(path.parent)
    if mode & (OTHERS_READ | OTHERS_WRITE):
        yield refused(
            "E201", f"The file of {name} can be read by others: chmod 600, owned by the service's user."
        )
    if folder & OTHERS_WRITE and not folder & stat.S_ISVTX:
        yield refused("E202", f"Others may put another file in the place of {name}: chmod 700 its folder.")


def _mode(path: Path) -> int:
    """Nothing, where there is no file: what lacks one says so itself."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


@checks.register(TAG, deploy=True)
def root_key_is_random(**kwargs: Any) -> list[checks.CheckMessage]:
    sentence = "The root key looks made up: make 32 random bytes, `head -c 32 /dev/urandom | base64`."
    return [refused("E203", sentence)] if any(map(_looks_made_up, _root_keys())) else []


def _root_keys() -> list[bytes]:
    if settings.ROOT_KEY_PROVIDER != "victimcare.encryption.roots.from_environment":
        return []
    try:
        return [key for key in local_keys() if len(key) == KEY_BYTES]
    except (ImproperlyConfigured, KeyUnavailable):
        return []  # E001 says so


def _looks_made_up(key: bytes) -> bool:
    steps = {(later - sooner) % 256 for sooner, later in pairwise(key)}
    return len(set(key)) < FEWEST_BYTES or len(steps) == 1


def _ledger_with_the_data(file: Path) -> bool:
    """In the folder of the program or of a database: what restores or replaces these takes it along."""
    folders = [file.parent, *file.parent.parents]
    return settings.BASE_DIR in folders or any((folder / "PG_VERSION").exists() for folder in folders)


LEDGER: tuple[Rule, ...] = (
    ("E204", "The ledger of erasures lies in the folder of the program or of a database: keep it elsewhere.",
     _ledger_with_the_data),
    ("E205", "The ledger of erasures can be read or changed by others: chmod 600, in a folder of mode 700.",
     lambda file: bool(_mode(file) & (OTHERS_READ | OTHERS_WRITE) or _mode(file.parent) & OTHERS_WRITE)),
)  # fmt: skip


@checks.register(TAG, deploy=True)
def ledger_is_apart(**kwargs: Any) -> list[checks.CheckMessage]:
    named = settings.ERASURE_LEDGER_FILE
    return broken(LEDGER, Path(named).absolute()) if named else []


ENVIRONMENT: tuple[Rule, ...] = (
    ("E206", "DATABASE_OWNER_URL is known here: give it to `migrate`, `keys` and `erasures` alone.",
     lambda told: bool(told.get("DATABASE_OWNER_URL") or told.get("DATABASE_OWNER_URL_FILE"))),
    ("E207", "The demonstration's password is set on an installation for real people: unset DEMO_PASSWORD.",
     lambda told: bool(told.get("DEMO_PASSWORD"))),
    ("E208", "Python's inspector or development mode is on: unset PYTHONINSPECT and PYTHONDEVMODE.",
     lambda told: bool(told.get("PYTHONINSPECT") or told.get("PYTHONDEVMODE"))),
    ("W209", "A secret stands in the environment, which other programs of the user can read: use its _FILE.",
     lambda told: any(told.get(name.removesuffix("_FILE")) for name in SECRETS)),
    ("W210", "Old root keys are still given: finish `manage.py keys rotate-root`, and take them away.",
     lambda told: any(name.startswith("VICTIMCARE_OLD_ROOT_KEYS") and told[name] for name in told)),
)  # fmt: skip


@checks.register(TAG, deploy=True)
def leaked_passwords_are_known(**kwargs: Any) -> list[checks.CheckMessage]:
    path = settings.LEAKED_PASSWORDS_FILE
    if not path:
        return [advised("W212", "Passwords that leaked elsewhere are taken: set LEAKED_PASSWORDS_FILE.")]
    sentence = "LEAKED_PASSWORDS_FILE is no sorted list of SHA-1 that can be read: see docs/operations.md."
    return [] if leaked.is_list(path) else [refused("E213", sentence)]


@checks.register(TAG, deploy=True)
def environment_tells_little(**kwargs: Any) -> list[checks.CheckMessage]:
    return broken(ENVIRONMENT, os.environ)


@checks.register(TAG, deploy=True)
def static_files_are_there(**kwargs: Any) -> list[checks.CheckMessage]:
    if (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        return []
    return [advised("W211", "Static files are not collected: run `manage.py collectstatic --no-input`.")]
