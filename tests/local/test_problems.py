"""What goes wrong on a machine is one sentence, never a traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from victimcare import environment
from victimcare.local import (
    accounts,
    binaries,
    browser,
    environments,
    given,
    homes,
    keys,
    locks,
    places,
    product,
    run,
)
from victimcare.local.problems import Problem
from victimcare.local.urls import Urls


@pytest.mark.parametrize("port", ["0", "65536", "x", "80 ", "²"])
def test_port_that_is_none(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(Problem, match="must be a number from 1 to 65535"):
        run.chosen_port()


def test_port_in_use() -> None:
    with socket.socket() as other:
        other.bind((product.HOST, 0))
        other.listen()
        with pytest.raises(Problem, match="is in use: choose another"):
            product.check_port(other.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://a:b@127.0.0.1/c", "must look like postgresql://"),
        ("postgresql://a:b@127.0.0.1", "must look like postgresql://"),
        ("nonsense", "must look like postgresql://"),
        ("postgresql://a:secret@127.0.0.1:1/c", "does not lead to a database"),
    ],
)
def test_database_url_that_is_wrong(monkeypatch: pytest.MonkeyPatch, url: str, sentence: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(Problem, match=sentence) as caught:
        given.urls()
    assert "secret" not in str(caught.value)


def test_database_url_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not given.is_given()
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    with pytest.raises(Problem, match="DATABASE_URL_FILE cannot be read"):
        given.is_given()
    (tmp_path / "url").write_text("mysql://a:secret@127.0.0.1/c\n")
    assert given.is_given()
    with pytest.raises(Problem, match="DATABASE_URL must look like"):
        given.urls()


def test_owners_url_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://owner@h/d\n")
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@h/d")
    monkeypatch.setenv("DATABASE_OWNER_URL_FILE", str(tmp_path / "url"))
    assert environment.database_urls() == ("postgresql://app@h/d", "postgresql://owner@h/d")


def test_files_of_addresses_do_not_stand_before_our_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL_FILE", "/nowhere")
    env = environments.serving(tmp_path, Urls("app", "owner"))
    assert env["DATABASE_OWNER_URL"] == "owner"
    assert "DATABASE_OWNER_URL_FILE" not in env


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_local_folder_is_made_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path / "new" / "local"))
    assert mode(places.local_dir()) == 0o700
    (tmp_path / "new" / "local" / "run.lock").touch()
    assert places.local_dir() == tmp_path / "new" / "local"


@pytest.mark.parametrize(
    ("content", "sentence"), [("somebody-elses", "holds other things"), ("", "Others can look into")]
)
def test_folder_of_others_is_neither_used_nor_closed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, sentence: str
) -> None:
    tmp_path.chmod(0o777)
    if content:
        (tmp_path / content).touch()
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    with pytest.raises(Problem, match=sentence):
        places.local_dir()
    assert mode(tmp_path) == 0o777


def test_user_without_an_entry_in_passwd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    with pytest.raises(Problem, match="has no entry in /etc/passwd"):
        accounts.server_account()


def test_chosen_postgresql_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VICTIMCARE_PG_BINDIR", str(tmp_path))
    with pytest.raises(Problem, match="holds no PostgreSQL"):
        binaries.find(accounts.server_account(), tmp_path)


def test_chosen_chromium_that_does_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "chromium"))
    with pytest.raises(Problem, match="does not run"):
        browser.environment(tmp_path)


def test_command_says_one_sentence_and_fails(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "victimcare.local.run"]
    env = os.environ | {"PORT": "x", "LOCAL_DIR": str(tmp_path)}
    done = subprocess.run(command, env=env, cwd=places.CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "PORT is 'x': it must be a number from 1 to 65535.\n"


def test_secrets_are_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "SECRET_KEY_FILE", "VICTIMCARE_ROOT_KEY", "VICTIMCARE_ROOT_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    files = keys.application_secrets(tmp_path)
    assert set(files) == {"SECRET_KEY_FILE", "VICTIMCARE_ROOT_KEY_FILE"}
    before = {name: Path(path).read_bytes() for name, path in files.items()}
    assert keys.application_secrets(tmp_path) == files
    assert {name: Path(path).read_bytes() for name, path in files.items()} == before
    assert {Path(path).stat().st_mode & 0o777 for path in files.values()} == {0o600}


def test_secret_of_the_operator_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "the operator's")
    assert "SECRET_KEY_FILE" not in keys.application_secrets(tmp_path)


def test_lock_is_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locks.held(path) as first, locks.held(path) as second:
        assert (first, second) == (True, False)
        assert locks.holder(path) == os.getpid()
    assert locks.holder(path) is None


def test_long_path_gets_a_short_private_socket_folder(tmp_path: Path) -> None:
    folder = places.private(tmp_path / ("long" * 25))
    account = accounts.Account(os.geteuid(), os.getegid(), drops=False)
    found = homes.socket_folder(folder, account)
    try:
        assert len(f"{found}{homes.SOCKET_NAME}") <= homes.LONGEST_SOCKET
        assert found.stat().st_mode & 0o777 == 0o700
        assert homes.socket_folder(folder, account) == found
    finally:
        found.rmdir()


@pytest.mark.parametrize(
    "path", ["/", "/var/lib", "/var/lib/postgresql", "/home/victimcare-x", "/var/lib/victimcare-x/y"]
)
def test_clean_removes_nothing_that_is_not_ours(path: str) -> None:
    assert not homes.is_ours(Path(path))
