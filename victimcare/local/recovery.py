"""The recovery of docs/keys.md, played: two dumps, and a database from them with and without the keys."""

import os
import subprocess
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg2

from victimcare.local import binaries, commands, homes
from victimcare.local.accounts import server_account

# Name cards are backed up with the keys: neither outlives an erasure for long.
KEYS = ("victimcare_statekey", "victimcare_subjectkey", "cases_namecard")
RESTORED = "restored"


def play(local: Path, env: Mapping[str, str]) -> bool:
    """Whether it went as it has to; prints what it took."""
    started = time.monotonic()
    main, keys = local / "main.dump", local / "keys.dump"
    _run(local, env, "pg_dump", "-Fc", *(f"--exclude-table-data={table}" for table in KEYS), "-f", str(main))
    _run(local, env, "pg_dump", "-Fc", "--data-only", *(f"-t{table}" for table in KEYS), "-f", str(keys))
    dumped = time.monotonic()
    again = {**env, "DATABASE_OWNER_URL": _database(env, RESTORED)}
    with closing(psycopg2.connect(env["DATABASE_OWNER_URL"])) as session:
        session.autocommit = True
        session.cursor().execute(f"CREATE DATABASE {RESTORED}")
    _run(local, again, "pg_restore", "-d", RESTORED, "--section=pre-data", "--section=data", str(main))
    print("  without the keys:", flush=True)
    unreadable = commands.aloud(again, "keys", "check", "--quiet") != 0
    _run(local, again, "pg_restore", "-d", RESTORED, str(keys))
    _run(local, again, "pg_restore", "-d", RESTORED, "--section=post-data", str(main))
    restored = time.monotonic()
    print("  with the keys:", flush=True)
    readable = commands.aloud(again, "keys", "check", "--quiet") == 0
    sizes = f"{main.stat().st_size:,} and {keys.stat().st_size:,} bytes"
    print(
        f"  dumped in {dumped - started:.1f} s ({sizes}), restored in {restored - dumped:.1f} s", flush=True
    )
    return unreadable and readable


def _run(local: Path, env: Mapping[str, str], program: str, *arguments: str) -> None:
    account = server_account()
    folder = binaries.find(account, homes.home(local, account)).folder
    subprocess.run([str(folder / program), *arguments], env=_session(env), check=True)


def _session(env: Mapping[str, str]) -> dict[str, str]:
    """How PostgreSQL's programs are told where and who: no password stands in an argument."""
    url = urlsplit(env["DATABASE_OWNER_URL"])
    told = {
        "PGHOST": unquote(url.hostname or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.path[1:],
    }
    return {**os.environ, **told}


def _database(env: Mapping[str, str], name: str) -> str:
    return urlunsplit(urlsplit(env["DATABASE_OWNER_URL"])._replace(path=f"/{name}"))
