"""A database that the operator gives by DATABASE_URL."""

import os
from urllib.parse import urlsplit

import psycopg2

from victimcare.local.binaries import OLDEST
from victimcare.local.problems import Problem
from victimcare.local.urls import Urls

SCHEMES = {"postgres", "postgresql"}


def urls() -> Urls:
    """The addresses in the environment, each tried once. One role for both is allowed, and warned of."""
    application = os.environ["DATABASE_URL"]
    owner = os.environ.get("DATABASE_OWNER_URL") or application
    _check("DATABASE_URL", application)
    if owner == application:
        print(
            "Warning: DATABASE_OWNER_URL is not set, so the application itself owns its tables "
            "and row-level security does not hold it. Use two roles where real people's data is kept.",
            flush=True,
        )
    else:
        _check("DATABASE_OWNER_URL", owner)
    return Urls(application, owner)


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
