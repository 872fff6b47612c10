"""The product as people meet it: a database of its own and gunicorn, logged in as the application's role."""

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from victimcare import scope

ROOT = Path(__file__).parent.parent.parent
STARTED = time.time()
PASSWORD = "only-for-invented-people"  # demonstration accounts of a database that is dropped


@dataclass(frozen=True, slots=True)
class Product:
    """`url` without a slash at the end; `environment` runs manage.py against the same database; `log` is
    what the server wrote.
    """

    url: str
    environment: dict[str, str]
    log: Path

    def manage(self, *arguments: str) -> str:
        return _manage(self.environment, *arguments)

    def speak(self, language: str) -> None:
        """All accounts read in this language from now on."""
        self.execute("UPDATE victimcare_user SET language = %s", [language])

    def execute(
        self, statement: str, values: list[object] | None = None, *, as_user: str = ""
    ) -> list[tuple[object, ...]]:
        """SQL as the owner, or as the application while that user acts; rows, if it gives any."""
        said = self.scope_of(as_user) if as_user else ""
        connection = psycopg2.connect(self.application_url if as_user else self.owner_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.scope', %s, true)", [said])
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def scope_of(self, username: str) -> str:
        [(user_id,)] = self.execute("SELECT id FROM victimcare_user WHERE username = %s", [username])
        return scope.said_by(f"user:{user_id}")

    @property
    def owner_url(self) -> str:
        return self.environment["DATABASE_OWNER_URL"]

    @property
    def application_url(self) -> str:
        return self.environment["DATABASE_URL"]


@contextmanager
def running(name: str, *, demonstration: bool = True) -> Iterator[Product]:
    """A migrated database of this name, with demonstration data, served on a free port of the loopback."""
    with (
        stored(name, demonstration=demonstration) as database,
        TemporaryDirectory(prefix="victimcare-") as folder,
        _server(database.environment, Path(folder) / "log") as url,
    ):
        product = Product(url, database.environment, Path(folder) / "log")
        product.speak("en")
        yield product


@contextmanager
def stored(name: str, *, demonstration: bool = True) -> Iterator[Product]:
    """The same, without a server."""
    try:
        _copy_original(name, demonstration)
        yield Product("", _environment(name), Path(os.devnull))
    finally:
        _drop(name)


def _copy_original(name: str, demonstration: bool) -> None:
    """To migrate and fill a database takes most of a minute: that is done once by all processes of a run, and
    the others copy it.
    """
    original = f"original_{'filled' if demonstration else 'empty'}_{_run()}"
    with _alone():
        if not _as_owner("SELECT 1 FROM pg_database WHERE datname = %s", values=[original]):
            _make_original(original, demonstration)
        _drop(name)
        _as_owner("CREATE DATABASE {} TEMPLATE {}", name, original)
    # What is granted on a database itself is not copied with it.
    _as_owner("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", name)


def _run() -> str:
    """Of all workers of one run of pytest, or of this process alone."""
    return os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}_{int(STARTED)}")


def _make_original(name: str, demonstration: bool) -> None:
    """Under another name until it is whole: what is half made is never copied."""
    unfinished = f"{name}_unfinished"
    environment = _environment(unfinished)
    with _database(unfinished):
        _manage(environment, "migrate", "--verbosity=0")
        if demonstration:
            _manage(environment, "demo")
        _as_owner("ALTER DATABASE {} RENAME TO {}", unfinished, name)
    atexit.register(_forget_original, name)


def _forget_original(name: str) -> None:
    """Whoever still needs it makes it anew."""
    with _alone():
        _drop(name)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time makes, copies or drops an original."""
    connection = _postgres()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('victimcare originals'))")
        yield
    finally:
        connection.close()


def _environment(name: str) -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if key != "VICTIMCARE_ROLE"}
    for key in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        environment[key] = _with_database(os.environ[key], name)
    return environment | {
        "VICTIMCARE_LOCAL": "1",
        # A security key belongs to a name, never to an address.
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DEMO_PASSWORD": PASSWORD,
        "DJANGO_SETTINGS_MODULE": "victimcare.settings",
        "PYTHONWARNINGS": "default",
    }


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


@contextmanager
def _database(name: str) -> Iterator[None]:
    """An empty one."""
    _drop(name)
    _as_owner("CREATE DATABASE {}", name)
    try:
        yield
    finally:
        _drop(name)


def _drop(name: str) -> None:
    _as_owner("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _as_owner(statement: str, *names: str, values: list[str] | None = None) -> list[tuple[object, ...]]:
    connection = _postgres()
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)), values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _postgres() -> "psycopg2.extensions.connection":
    """Outside of all databases of a run, and of transactions."""
    connection = psycopg2.connect(_with_database(os.environ["DATABASE_OWNER_URL"], "postgres"))
    connection.autocommit = True
    return connection


def _manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(  # our own command
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]} failed: {done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def _server(environment: dict[str, str], log: Path) -> Iterator[str]:
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "victimcare.wsgi", "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # our own server
            [*command, "--workers", "1", "--threads", "4", "--access-logfile", "-"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    pause = threading.Event()
    for _attempt in range(300):
        if process.poll() is not None:
            raise RuntimeError("The server stopped while it started.")
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310  # the loopback
                if answer.status == 200:
                    return
        except OSError:
            pause.wait(0.1)
    raise RuntimeError("The server did not become ready.")
