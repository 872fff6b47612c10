"""PgBouncer in front of a scratch cluster, in transaction mode: for the drill of threads."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from victimcare.local import children, debian, homes
from victimcare.local.accounts import Account, server_account
from victimcare.local.places import private
from victimcare.local.problems import Problem

# Its socket lies beside the server's own, in the same private folder, under another number.
PORT = 6432
START_SECONDS = 15
# Debian keeps it where a plain user's PATH does not look.
FOLDERS = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"

SETTINGS = """[databases]
{database} = host={socket} port=5432

[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {socket}
unix_socket_mode = 0700
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 100
server_reset_query =
log_connections = 0
log_disconnections = 0
log_pooler_errors = 0
"""


@contextmanager
def before(url: str, local: Path, *, size: int) -> Iterator[str]:
    """The same database by way of `size` connections to the server, which all clients share."""
    account = server_account()
    # The server's user has to reach it: as root the local folder is closed to that user.
    folder = account.own(private(homes.home(local, account) / "pgbouncer"))
    program, log = _program(folder), children.fresh_log(folder / "log")
    command = [*account.prefix(), *children.bound([program, _settings(folder, url, size, account)])]
    process = children.spawn(command, log=log, env={"PATH": os.defpath, "LC_ALL": "C"}, cwd=folder)
    pooled = _through(url)
    try:
        _wait_for(pooled, process)
        yield pooled
    finally:
        children.stop(process)


def _program(folder: Path) -> Path:
    """The machine's own, else Debian's, unpacked: to install it would start a service of the machine."""
    found = shutil.which("pgbouncer", path=FOLDERS)
    program = Path(found) if found else debian.unpacked(folder, debian.PGBOUNCER)
    if program is None:
        raise Problem("There is no PgBouncer: install it, on Debian with `apt-get install pgbouncer`.")
    return program


def _settings(folder: Path, url: str, size: int, account: Account) -> Path:
    dsn = psycopg2.extensions.parse_dsn(url)
    users = homes.file_for_server(folder / "users", account)
    users.write_text(f'"{dsn["user"]}" "{dsn["password"]}"\n', encoding="ascii")
    settings = homes.file_for_server(folder / "pgbouncer.ini", account)
    text = SETTINGS.format(database=dsn["dbname"], socket=dsn["host"], users=users, size=size, port=PORT)
    settings.write_text(text, encoding="utf-8")
    return settings


def _through(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc}:{PORT}"))


def _wait_for(url: str, process: children.Process) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg2.connect(url, connect_timeout=5).close()
        except psycopg2.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise Problem("PgBouncer did not start, or lets nobody in: try it by hand, or install another version.")
