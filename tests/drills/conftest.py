"""A database of its own for each short drill."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.db import connection
from psycopg2 import sql

from tests.browser.product import ROOT


@contextmanager
def owner() -> Iterator[Any]:
    session = psycopg2.connect(_url("DATABASE_OWNER_URL", "postgres"))
    session.autocommit = True
    try:
        with session.cursor() as cursor:
            yield cursor
    finally:
        session.close()


def _url(variable: str, database: str) -> str:
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{database}"))


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A copy of the test database: what is committed there, no other test sees. It has this name because
    pytest-django makes a test database for tests that ask for `db` or have its mark.
    """
    template = connection.settings_dict["NAME"]
    copy = f"{template}_drill"
    make, drop = (f"{verb} DATABASE {{}}" for verb in ("CREATE", "DROP"))
    names = sql.Identifier(copy), sql.Identifier(template)
    with django_db_blocker.unblock():
        connection.close()  # a template has no other guests
        with owner() as cursor:
            cursor.execute(sql.SQL(f"{make} TEMPLATE {{}}").format(*names))
        try:
            connection.settings_dict["NAME"] = copy
            connection.close()
            yield copy
        finally:
            connection.close()
            connection.settings_dict["NAME"] = template
            with owner() as cursor:
                cursor.execute(sql.SQL(f"{drop} WITH (FORCE)").format(names[0]))


@pytest.fixture
def drill(db: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`drill(*arguments)` runs `python -m tests.drills` on it, as the application or as the `role` owner."""

    def run(*arguments: str, role: str = "") -> subprocess.CompletedProcess[str]:
        environment = {name: text for name, text in os.environ.items() if name != "VICTIMCARE_ROLE"}
        environment |= {name: _url(name, db) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
        environment |= {"VICTIMCARE_ROLE": role} if role else {}
        command = [sys.executable, "-m", "tests.drills", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )  # our own drill

    return run
