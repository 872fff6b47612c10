"""The drill of threads, short: directly, as the application's role itself. `make drill` is the long one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.db import connection
from psycopg2 import sql

from tests.browser.product import ROOT
from tests.drills import people

REQUESTS, THREADS = "240", "8"


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
    """A copy of the test database with people in it: what is committed there, no other test sees. It has this
    name because pytest-django makes a test database for tests that ask for `db` or have its mark.
    """
    template = connection.settings_dict["NAME"]
    copy = f"{template}_threads"
    make, drop = (f"{verb} DATABASE {{}}" for verb in ("CREATE", "DROP"))
    names = sql.Identifier(copy), sql.Identifier(template)
    with django_db_blocker.unblock():
        connection.close()  # a template has no other guests
        with owner() as cursor:
            cursor.execute(sql.SQL(f"{make} TEMPLATE {{}}").format(*names))
        try:
            connection.settings_dict["NAME"] = copy
            people.make(6)
            connection.close()
            yield copy
        finally:
            connection.close()
            connection.settings_dict["NAME"] = template
            with owner() as cursor:
                cursor.execute(sql.SQL(f"{drop} WITH (FORCE)").format(names[0]))


def test_users_who_take_turns_on_threads_see_their_own(db: str) -> None:
    environment = {name: text for name, text in os.environ.items() if name != "VICTIMCARE_ROLE"}
    environment |= {name: _url(name, db) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    command = [sys.executable, "-m", "tests.drills", "threads", "short", REQUESTS, THREADS]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )  # our own drill
    assert done.returncode == 0, done.stdout + done.stderr
