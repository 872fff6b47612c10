"""The product refuses to start without what protects people, in a sentence."""

import base64
import importlib.util
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from victimcare import checks
from victimcare.encryption.roots import root_key

GOOD = base64.b64encode(bytes(range(32)))


@pytest.fixture(autouse=True)
def _as_installed(settings, monkeypatch, tmp_path):
    """Tests add a host name of their own, and an installation keeps its root key in a file."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    (tmp_path / "root-key").write_bytes(GOOD)
    monkeypatch.setenv("VICTIMCARE_ROOT_KEY_FILE", str(tmp_path / "root-key"))
    root_key.cache_clear()
    yield
    root_key.cache_clear()


def test_all_is_well_here():
    checks.require()


@pytest.mark.parametrize(
    "content", [b"", b"c2hvcnQ=", bytes(range(224, 256)), GOOD[:-4]], ids=["none", "short", "raw", "cut"]
)
def test_root_key_of_another_size_or_writing(tmp_path, content):
    (tmp_path / "root-key").write_bytes(content)
    with pytest.raises(ImproperlyConfigured, match="must be 32 bytes, written as base64"):
        checks.require()


def test_root_key_that_cannot_be_read(tmp_path):
    (tmp_path / "root-key").unlink()
    with pytest.raises(ImproperlyConfigured, match="root key file cannot be read"):
        checks.require()


def test_no_root_key_at_all(monkeypatch):
    monkeypatch.delenv("VICTIMCARE_ROOT_KEY_FILE")
    monkeypatch.delenv("VICTIMCARE_ROOT_KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match="Set VICTIMCARE_ROOT_KEY_FILE"):
        checks.require()


def test_another_driver(monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda name: importlib.util.find_spec("psycopg2"))
    with pytest.raises(ImproperlyConfigured, match="psycopg 3 is installed"):
        checks.require()


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("DEBUG", True, "DEBUG is on"),
        ("SECRET_KEY", "x" * 49, "SECRET_KEY is too short"),
        ("ALLOWED_HOSTS", ["victimcare.example"], "turns https off"),
        ("DATABASE_APP_ROLE", "victimcare_owner", "name one role"),
    ],
)
def test_a_setting_that_protects_nobody(settings, setting, value, sentence):
    setattr(settings, setting, value)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        checks.require()


def test_a_host_name_is_fine_with_https(settings):
    settings.LOCAL, settings.ALLOWED_HOSTS = False, ["victimcare.example"]
    settings.ERASURE_LEDGER_FILE = "/somewhere/else"
    checks.require()


def test_commands_refuse_too(settings):
    settings.DEBUG = True
    with pytest.raises(SystemCheckError, match=r"victimcare\.E003"):
        call_command("check", tags=[checks.TAG])


def test_the_web_server_asks():
    done = subprocess.run(
        [sys.executable, "-c", "import victimcare.wsgi"],
        env=os.environ | {"SECRET_KEY": "short", "SECRET_KEY_FILE": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "SECRET_KEY is too short" in done.stderr


def test_erasures_are_kept_outside_of_the_database(settings):
    """A restored backup would bring back who was erased, and nothing would know of it."""
    settings.LOCAL, settings.ALLOWED_HOSTS, settings.ERASURE_LEDGER_FILE = False, ["victimcare.example"], ""
    with pytest.raises(ImproperlyConfigured, match="Set ERASURE_LEDGER_FILE"):
        checks.require()
    settings.ERASURE_LEDGER_FILE = "/somewhere/else"
    checks.require()
