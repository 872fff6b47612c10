"""The environment that VictimCare's own processes get. Secrets are in it or in files, never in arguments."""

import base64
import os
import secrets
from pathlib import Path

from victimcare.local import keys
from victimcare.local.places import CHECKOUT
from victimcare.local.urls import Urls

FIXED = {
    "DJANGO_SETTINGS_MODULE": "victimcare.settings",
    "VICTIMCARE_LOCAL": "1",
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "PYTHONPATH": str(CHECKOUT),
    "PYTHONUNBUFFERED": "1",
}


def serving(local: Path, urls: Urls) -> dict[str, str]:
    """For the processes that work on the database of `local`."""
    database = {"DATABASE_URL": urls.application, "DATABASE_OWNER_URL": urls.owner}
    # A file would be believed before them.
    inherited = {
        name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in database
    }
    return inherited | FIXED | database | keys.application_secrets(local)


def without_database() -> dict[str, str]:
    """For commands that only read the source, such as type checks: throw-away secrets and no database."""
    nowhere = "postgresql://nobody@%2Fnonexistent/nothing"
    throwaway = {
        "DATABASE_URL": nowhere,
        "DATABASE_OWNER_URL": nowhere.replace("nobody", "owner"),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "VICTIMCARE_ROOT_KEY": base64.b64encode(os.urandom(32)).decode("ascii"),
    }
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_FILE")}
    return kept | FIXED | throwaway
