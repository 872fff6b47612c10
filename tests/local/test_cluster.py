"""A cluster of our own: closed to everybody without the password, and alive again after a kill -9."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from victimcare.local import homes, roles, scratch
from victimcare.local.accounts import server_account
from victimcare.local.cluster import Cluster, ensure
from victimcare.local.problems import Problem
from victimcare.local.urls import Urls


@pytest.fixture(scope="module")
def cluster(local: Path) -> Iterator[Cluster]:
    made = Cluster(local, durable=False)
    with made.serving():
        yield made


@contextmanager
def cursor(url: str) -> Iterator[Any]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as each:
            yield each
    finally:
        connection.close()


def value(url: str, statement: str) -> object:
    with cursor(url) as each:
        each.execute(statement)
        return each.fetchone()[0]


def test_password_is_required_and_wrong_one_refused(cluster: Cluster) -> None:
    wrong = cluster.urls.application.replace(cluster.passwords["victimcare_app"], "wrong")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(wrong)
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        psycopg2.connect(host=str(cluster.socket), user="victimcare_app", dbname="victimcare")


def test_every_way_in_asks_for_scram(cluster: Cluster) -> None:
    rules = (cluster.data / "pg_hba.conf").read_text().splitlines()
    methods = {line.split()[-1] for line in rules if line.strip() and not line.startswith("#")}
    assert methods == {"scram-sha-256"}


def test_socket_is_private_and_there_is_no_network(cluster: Cluster) -> None:
    facts = cluster.socket.stat()
    assert facts.st_mode & 0o777 == 0o700
    assert facts.st_uid == server_account().uid
    assert value(cluster.urls.application, "SHOW listen_addresses") == ""


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("log_min_messages", "log"),
        ("log_min_error_statement", "panic"),
        ("log_parameter_max_length_on_error", "0"),
        ("log_error_verbosity", "terse"),
    ],
)
def test_setting(cluster: Cluster, setting: str, wanted: str) -> None:
    assert value(cluster.urls.application, f"SHOW {setting}") == wanted


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE planted (id int)",
        "CREATE TEMPORARY TABLE planted (id int)",
        "CREATE SCHEMA planted",
        "CREATE ROLE planted",
        "CREATE DATABASE planted",
        "SET ROLE victimcare_owner",
        "SET ROLE victimcare_setup",
        "ALTER ROLE victimcare_app BYPASSRLS",
    ],
)
def test_application_may_not(cluster: Cluster, statement: str) -> None:
    with cursor(cluster.urls.application) as each, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        each.execute(statement)


def test_application_may_not_enter_other_databases(cluster: Cluster) -> None:
    for database in ("postgres", "template1"):
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            psycopg2.connect(cluster.urls.application.removesuffix("victimcare") + database)


def test_session_of_the_application_sees_no_statement_of_another(cluster: Cluster) -> None:
    with cursor(cluster.urls.application) as spoken, cursor(cluster.urls.application) as listening:
        spoken.execute("SELECT 'planted', pg_backend_pid()")
        _planted, pid = spoken.fetchone()
        for said in ("FROM pg_stat_activity WHERE pid = %s", "FROM pg_stat_get_activity(%s)"):
            listening.execute(f"SELECT coalesce(query, '') {said}", [pid])
            assert listening.fetchall() == [("",)]
        listening.execute(
            "SELECT pg_stat_get_backend_activity(id) FROM pg_stat_get_backend_idset() id"
            " WHERE pg_stat_get_backend_pid(id) = %s",
            [pid],
        )
        assert "planted" not in str(listening.fetchall())


def test_nobody_reads_the_names_of_planned_statements_nor_in_databases_to_come(cluster: Cluster) -> None:
    with cursor(cluster.urls.owner) as each:
        each.execute("CREATE DATABASE to_come")
    for database in ("victimcare", "to_come"):
        with cursor(cluster.urls.owner.removesuffix("victimcare") + database) as each:
            each.execute("SELECT has_function_privilege('public', 'pg_prepared_statement()', 'EXECUTE')")
            assert each.fetchall() == [(False,)]
    with cursor(cluster.urls.owner) as each:
        each.execute("DROP DATABASE to_come")


@pytest.mark.parametrize(
    "statement",
    [
        "SET track_activities = on",
        "SELECT set_config('track_activities', 'on', false)",
        "ALTER ROLE victimcare_app SET track_activities = on",
        "ALTER ROLE victimcare_app RESET track_activities",
    ],
)
def test_application_may_not_show_its_statements_again(cluster: Cluster, statement: str) -> None:
    with cursor(cluster.urls.application) as each, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        each.execute(statement)


def test_settings_that_the_application_gave_itself_go_at_the_next_start(cluster: Cluster) -> None:
    with cursor(cluster.urls.application) as each:
        each.execute("ALTER ROLE victimcare_app SET statement_timeout = 1")
        each.execute("ALTER ROLE victimcare_app RESET ALL")
        each.execute("ALTER ROLE victimcare_app SET statement_timeout = 1")
    assert value(cluster.urls.application, "SHOW track_activities") == "off"
    roles.set_up(str(cluster.socket), cluster.passwords)
    assert value(cluster.urls.application, "SHOW statement_timeout") == "0"
    assert value(cluster.urls.application, "SHOW track_activities") == "off"


def test_owner_owns_and_may_become_the_application(cluster: Cluster) -> None:
    with cursor(cluster.urls.owner) as each:
        each.execute("CREATE TABLE kept (id int)")
        each.execute("SET ROLE victimcare_app")
        each.execute("SELECT current_user")
        assert each.fetchone() == ("victimcare_app",)
        each.execute("RESET ROLE")
        each.execute("DROP TABLE kept")
    rights = (
        "SELECT (rolsuper, rolcreaterole, rolcreatedb, rolbypassrls)::text FROM pg_roles WHERE rolname = '{}'"
    )
    assert value(cluster.urls.owner, rights.format("victimcare_owner")) == "(f,f,t,t)"
    assert value(cluster.urls.owner, rights.format("victimcare_app")) == "(f,f,f,f)"


def test_log_holds_no_value_of_a_failed_statement(cluster: Cluster) -> None:
    with cursor(cluster.urls.owner) as each, pytest.raises(psycopg2.DataError):
        each.execute("SELECT %s::int", ["Perpetua Invented"])
    assert "Perpetua" not in cluster.log.read_text()


def test_addresses_are_not_shown_by_repr(cluster: Cluster) -> None:
    assert cluster.passwords["victimcare_app"] not in repr(cluster.urls)


def test_secret_files_are_private(cluster: Cluster) -> None:
    files = list((cluster.local / "secrets").iterdir())
    assert files
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


KEEPER = """
import sys, time
from pathlib import Path
from victimcare.local.cluster import ensure
with ensure(Path(sys.argv[1])) as urls:
    print("ready", flush=True)
    time.sleep(60)
"""


@contextmanager
def _kept(local: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps the server of `local`; killed at the end without a chance to tidy up."""
    command = [sys.executable, "-c", KEEPER, str(local)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert "ready\n" in process.stdout
            yield process
        finally:
            process.kill()


def _note(urls: Urls, text: str) -> None:
    with cursor(urls.owner) as each:
        each.execute("CREATE TABLE IF NOT EXISTS kept (note text)")
        each.execute("INSERT INTO kept VALUES (%s)", [text])


def test_server_of_another_process_is_for_guests_only() -> None:
    with scratch.folder() as local, _kept(local):
        with pytest.raises(Problem, match="Another command uses this database"), ensure(local):
            pass
        with ensure(local, guest=True) as urls:
            assert value(urls.application, "SELECT 1") == 1


@pytest.mark.parametrize("victims", ["keeper", "server and keeper"])
def test_what_was_committed_survives_kill_9(victims: str) -> None:
    with scratch.folder() as local:
        with _kept(local), ensure(local, guest=True) as urls:
            _note(urls, "committed")
            if victims != "keeper":
                pid_file = (homes.recorded(local) or local / "pg") / "data" / "postmaster.pid"
                os.kill(int(pid_file.read_text().split("\n", 1)[0]), signal.SIGKILL)
        with ensure(local) as urls:
            assert value(urls.owner, "SELECT note FROM kept") == "committed"
