"""A database that the operator gives by DATABASE_URL or DATABASE_URL_FILE."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from victimcare.local.binaries import OLDEST
from victimcare.local.problems import Problem
from victimcare.local.urls import Urls

SCHEMES = {"postgres", "postgresql"}


def is_given() -> bool:
    return bool(_told("DATABASE_URL"))


def urls() -> Urls:
    """The addresses in the environment, each tried once."""
    application = _told("DATABASE_URL")
    owner = _told("DATABASE_OWNER_URL")
    _check("DATABASE_URL", application)
    if owner in {"", application}:
        raise Problem(
            "Set DATABASE_OWNER_URL too, with another role than DATABASE_URL: the application must not own "
            "its tables. See docs/operations.md."
        )
    _check("DATABASE_OWNER_URL", owner)
    return Urls(application, owner)


def _told(name: str) -> str:
    """The address holds a password, so it may lie in a file, as the product's own settings allow."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Problem(f"{name}_FILE cannot be read: {error.strerror}.") from error


def _check(name: str, url: str) -> None:
    if not _is_postgresql(url):
        raise Problem(f"{name} must look like postgresql://role:password@host:5432/database.")
    try:
        connection = psycopg2.connect(url, connect_timeout=5)
    except psycopg2.Error as error:
        reason = str(error).strip().splitlines()
        raise Problem(
            f"{name} does not lead to a database: {reason[0] if reason else 'no answer'}"
        ) from error
    major = connection.server_version // 10_000
    connection.close()
    if major < OLDEST:
        raise Problem(f"{name} leads to PostgreSQL {major}; VictimCare needs {OLDEST} or newer.")


def _is_postgresql(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in SCHEMES and len(parts.path) > 1
    except ValueError:
        return False
