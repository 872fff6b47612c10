"""`manage.py check_deployment` finds each unsafe setting when it is planted, and none where there is none."""

import base64
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import connection

from tests.browser import product as products
from victimcare import settings as product_settings
from victimcare.deployment import database, files, options

SAFE = {
    "LOCAL": False,
    "ALLOWED_HOSTS": ["victimcare.example"],
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "CLAMD_ADDRESS": "/run/clamav/clamd.ctl",
    "BEHIND_TLS_PROXY": True,
}
QUIET = {"loggers": {"django.db.backends": {"level": "ERROR"}}}


def policy(directive: str, values: object) -> dict[str, object]:
    """The product's own, with this directive said so, or not at all."""
    said = product_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"] | {directive: values}
    return {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {k: v for k, v in said.items() if v is not None}}}


def without(layer: str) -> dict[str, object]:
    return {"MIDDLEWARE": [one for one in product_settings.MIDDLEWARE if one != layer]}


# Rule -> what is planted.
SETTINGS = [
    ("E101", {"LOCAL": True}),
    ("E102", {"DEBUG": True}),
    ("E103", {"SECRET_KEY": "django-insecure-" + "kq8!x_2v" * 8}),
    ("E103", {"SECRET_KEY": "x" * 60}),
    ("E104", {"ALLOWED_HOSTS": ["*"]}),
    ("E104", {"ALLOWED_HOSTS": [".example"]}),
    ("E104", {"ALLOWED_HOSTS": []}),
    ("E105", {"CSRF_TRUSTED_ORIGINS": ["http://victimcare.example"]}),
    ("E105", {"CSRF_TRUSTED_ORIGINS": ["https://*.example"]}),
    ("E106", {"SECURE_SSL_REDIRECT": False}),
    ("E107", {"SECURE_HSTS_SECONDS": 3600}),
    ("E108", {"SESSION_COOKIE_SECURE": False}),
    ("E108", {"CSRF_COOKIE_SECURE": False}),
    ("E109", {"SESSION_COOKIE_HTTPONLY": False}),
    ("E110", {"SESSION_COOKIE_SAMESITE": "None"}),
    ("E110", {"CSRF_COOKIE_SAMESITE": None}),
    ("E111", {"SESSION_COOKIE_AGE": 14 * 86_400}),
    ("E111", {"SESSION_EXPIRE_AT_BROWSER_CLOSE": False}),
    ("E112", {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"}),
    ("E113", {"SESSION_SERIALIZER": "django.contrib.sessions.serializers.PickleSerializer"}),
    ("E114", {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}),
    ("E115", {"AUTH_PASSWORD_VALIDATORS": []}),
    ("E116", {"MIDDLEWARE": ["django.middleware.security.SecurityMiddleware"]}),
    ("E116", without("victimcare.sign_in.middleware.SecondFactorMiddleware")),
    ("E116", without("victimcare.middleware.KeysMiddleware")),
    ("E116", without("victimcare.middleware.NotAllowedMiddleware")),
    ("E117", {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"default-src": ["'self'", "'unsafe-inline'"]}}}),
    ("E117", {"CONTENT_SECURITY_POLICY": None}),
    ("E117", policy("script-src", ["'self'", "https://cdn.example"])),
    ("E117", policy("script-src", ["'self'", "data:"])),
    ("E117", policy("style-src", ["'unsafe-hashes'"])),
    ("E117", policy("connect-src", ["*.example"])),
    ("E117", policy("img-src", "https://pictures.example")),
    ("E117", policy("report-uri", ["https://reports.example"])),
    *(("E117", policy(name, None)) for name in ("script-src", "style-src", "form-action", "base-uri")),
    ("E118", {"X_FRAME_OPTIONS": "SAMEORIGIN"}),
    ("E119", {"SECURE_REFERRER_POLICY": "unsafe-url"}),
    ("E120", {"USE_X_FORWARDED_HOST": True}),
    ("E121", {"EMAIL_HOST": "mail.example"}),
    ("E122", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
    ("E123", {"LOGGING": QUIET | {"handlers": {"mail": {"class": "django.utils.log.AdminEmailHandler"}}}}),
    (
        "E124",
        {"LOGGING": {"root": {"level": "DEBUG"}, "loggers": {"django.db.backends": {"level": "ERROR"}}}},
    ),
    ("E124", {"LOGGING": {"loggers": {"django.db.backends": {"level": "INFO"}}}}),
    ("E125", {"ADMINS": [("Root", "root@invented.example")]}),
    ("E126", {"DATA_UPLOAD_MAX_MEMORY_SIZE": None}),
    ("E126", {"DATA_UPLOAD_MAX_NUMBER_FIELDS": None}),
    ("E127", {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}),
    ("E129", {"SESSION_IDLE_SECONDS": 86_400}),
    ("W130", {"CLAMD_ADDRESS": ""}),
    ("W131", {"BEHIND_TLS_PROXY": False}),
    ("E132", {"EMAIL_TIMEOUT": None}),
    ("E132", {"EMAIL_TIMEOUT": 86_400}),
]


def numbers(found: list[checks.CheckMessage]) -> set[str]:
    return {str(one.id).removeprefix("deployment.") for one in found}


@pytest.fixture
def safe(settings):
    for name, value in SAFE.items():
        setattr(settings, name, value)
    return settings


def test_settings_of_the_product_are_safe(safe):
    assert numbers(options.settings_protect()) == set()


@pytest.mark.parametrize(("number", "planted"), SETTINGS, ids=lambda value: str(value)[:60])
def test_an_unsafe_setting_is_found(safe, number, planted):
    for name, value in planted.items():
        setattr(safe, name, value)
    assert numbers(options.settings_protect()) == {number}


@pytest.mark.parametrize("by_file", [False, True])
def test_a_mail_server_may_ask_who_sends(monkeypatch, tmp_path, by_file):
    (tmp_path / "mail").write_text("of the relay\n", encoding="ascii")
    told = (
        ("EMAIL_HOST_PASSWORD_FILE", str(tmp_path / "mail"))
        if by_file
        else ("EMAIL_HOST_PASSWORD", "of the relay")
    )
    monkeypatch.setenv("EMAIL_HOST_USER", "victimcare")
    monkeypatch.setenv("EMAIL_PORT", "2525")
    monkeypatch.setenv(*told)
    said = runpy.run_path(product_settings.__file__)
    assert (said["EMAIL_HOST_USER"], said["EMAIL_HOST_PASSWORD"], said["EMAIL_PORT"]) == (
        "victimcare", "of the relay", 2525,
    )  # fmt: skip


def test_each_rule_of_settings_is_planted_once():
    assert {number for number, *_rule in options.RULES} == {number for number, _planted in SETTINGS}


# -- Files and environment -----------------------------------------------------------------------------------


@pytest.fixture
def installed(settings, monkeypatch, tmp_path):
    """An installation with its secrets in files of its own."""
    for name in (*files.SECRETS, "DEMO_PASSWORD", "PYTHONINSPECT", "PYTHONDEVMODE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.removesuffix("_FILE"), raising=False)
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o700)
    for name, content in (("SECRET_KEY", b"x"), ("VICTIMCARE_ROOT_KEY", base64.b64encode(os.urandom(32)))):
        file = folder / name.lower()
        file.write_bytes(content)
        file.chmod(0o600)
        monkeypatch.setenv(f"{name}_FILE", str(file))
    ledger = folder / "ledger"
    ledger.touch(mode=0o600)
    settings.ERASURE_LEDGER_FILE = str(ledger)
    return SimpleNamespace(folder=folder, root_key=folder / "victimcare_root_key", ledger=ledger)


def asked_of_files() -> set[str]:
    found = [
        *files.secrets_are_private(), *files.root_key_is_random(), *files.ledger_is_apart(),
        *files.environment_tells_little(),
    ]  # fmt: skip
    return numbers(found)


def test_files_of_an_installation_are_safe(installed):
    assert asked_of_files() == set()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_read_is_found(installed, mode):
    installed.root_key.chmod(mode)
    assert asked_of_files() == {"E201"}


def test_a_folder_in_which_others_write_is_found(installed):
    installed.folder.chmod(0o777)
    assert asked_of_files() == {"E202", "E205"}


@pytest.mark.parametrize(
    "key", [bytes(32), b"k" * 32, bytes(range(32)), b"victimcare-root-key-victimcare-ro"[:32]]
)
def test_a_root_key_that_is_made_up_is_found(installed, key):
    installed.root_key.write_bytes(base64.b64encode(key))
    assert asked_of_files() == {"E203"}


def test_a_ledger_beside_the_data_is_found(installed, settings):
    (installed.folder / "PG_VERSION").write_text("15")
    assert asked_of_files() == {"E204"}
    settings.ERASURE_LEDGER_FILE = str(settings.BASE_DIR / "ledger")
    assert "E204" in asked_of_files()


def test_a_ledger_that_others_read_is_found(installed):
    installed.ledger.chmod(0o644)
    assert asked_of_files() == {"E205"}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("DATABASE_OWNER_URL", "E206"),
        ("DEMO_PASSWORD", "E207"),
        ("PYTHONINSPECT", "E208"),
        ("SECRET_KEY", "W209"),
        ("EMAIL_HOST_PASSWORD", "W209"),
        ("VICTIMCARE_OLD_ROOT_KEYS", "W210"),
    ],
)
def test_what_the_process_should_not_be_told_is_found(installed, monkeypatch, name, number):
    monkeypatch.setenv(name, base64.b64encode(os.urandom(32)).decode())
    assert number in asked_of_files()
    assert asked_of_files() <= {number, "W209"}


def test_missing_static_files_are_found(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    assert numbers(files.static_files_are_there()) == {"W211"}


def test_without_a_list_of_leaked_passwords_or_with_another_file_it_says_so(settings, installed):
    assert numbers(files.leaked_passwords_are_known()) == {"W212"}
    settings.LEAKED_PASSWORDS_FILE = str(installed.root_key)
    assert numbers(files.leaked_passwords_are_known()) == {"E213"}


# -- The database --------------------------------------------------------------------------------------------

GOOD = {
    "rolsuper": False, "rolbypassrls": False, "rolcreaterole": False, "rolcreatedb": False,
    "rolreplication": False, "is_member": False, "owns": False, "makes": False, "version": 150_000,
    "log_statement": "none", "log_min_duration_statement": "-1", "log_min_duration_sample": "-1",
    "log_min_error_statement": "panic", "log_parameters": "0", "log_error_verbosity": "terse",
    "auto_explain": None, "pgaudit": None, "statistics_of_utility": "off", "track_activities": "off",
    "password_encryption": "scram-sha-256", "fsync": "on", "full_page_writes": "on", "encoding": "UTF8",
    "server": "", "has_tls": False, "shows_names": False,
}  # fmt: skip
SERVERS = [
    ("E301", {"rolsuper": True}),
    ("E302", {"rolbypassrls": True}),
    ("E303", {"rolcreaterole": True}),
    ("E303", {"rolcreatedb": True}),
    ("E304", {"is_member": True}),
    ("E305", {"owns": True}),
    ("E306", {"makes": True}),
    ("E311", {"log_statement": "all"}),
    ("E311", {"log_statement": "mod"}),
    ("E311", {"log_min_duration_statement": "0"}),
    ("E312", {"log_min_error_statement": "error"}),
    ("E313", {"log_parameters": "-1"}),
    ("E314", {"log_error_verbosity": "default"}),
    ("E315", {"auto_explain": "100ms"}),
    ("E315", {"pgaudit": "read, write"}),
    ("E316", {"track_activities": "on"}),
    ("E317", {"password_encryption": "md5"}),
    ("E318", {"fsync": "off"}),
    ("E319", {"server": "10.0.0.7"}),
    ("E320", {"server": "10.0.0.7", "has_tls": True}),
    ("E321", {"version": 140_000}),
    ("E321", {"encoding": "SQL_ASCII"}),
    ("W322", {"statistics_of_utility": "on"}),
    ("W323", {"shows_names": True}),
]


@pytest.mark.parametrize(("number", "planted"), [("", {}), *SERVERS], ids=lambda value: str(value)[:60])
def test_an_unsafe_role_or_server_is_found(monkeypatch, number, planted):
    monkeypatch.setattr(database, "_told", lambda: GOOD | planted)
    assert numbers(database.the_server_protects()) == {number} - {""}


def test_each_rule_of_servers_is_planted_once():
    rules = (*database.ROLE, *database.SERVER)
    assert {number for number, *_rule in rules} == {number for number, _planted in SERVERS}


def test_a_role_that_does_not_exist_is_told(db, settings):
    settings.DATABASE_APP_ROLE = "nobody_of_that_name"
    assert numbers(database.the_server_protects()) == {"E300"}
    assert database.rows_are_guarded() == []


def test_the_server_is_asked_what_the_rules_need(db):
    assert set(database._told()) == set(GOOD)


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("SELECT 1", ""),
        ("CREATE TABLE cases_diary (id uuid); GRANT SELECT ON cases_diary TO PUBLIC", "E332"),
        ("CREATE TABLE cases_diary (id uuid)", ""),
        ("ALTER TABLE cases_note DISABLE ROW LEVEL SECURITY", "E331"),
        ("ALTER TABLE cases_historicalnote NO FORCE ROW LEVEL SECURITY", "E331"),
        ("DO $$ DECLARE p name; BEGIN FOR p IN SELECT polname FROM pg_policy"
         " WHERE polrelid = 'cases_note'::regclass LOOP"
         " EXECUTE format('DROP POLICY %I ON cases_note', p); END LOOP; END $$", "E332"),
    ],
    ids=["as it is", "no wall", "not readable", "off", "not for the owner", "no policy"],
)  # fmt: skip
def test_a_table_without_its_wall_is_found(db, as_owner, statement, number):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert numbers(database.rows_are_guarded()) == {number} - {""}


def test_a_database_of_another_key_or_version_is_found(db, as_owner, monkeypatch):
    assert database.the_database_is_of_this_product() == []
    monkeypatch.setattr(database, "_names", lambda *args: [""])
    assert numbers(database.the_database_is_of_this_product()) == {"E334"}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'referrals'")
    assert numbers(database.the_database_is_of_this_product()) == {"E333"}


@pytest.mark.parametrize(("method", "number"), [("scram-sha-256", ""), ("trust", "E341"), ("md5", "E341")])
def test_rules_that_ask_for_no_password_are_found(db, monkeypatch, method, number):
    weak = [method] if method != "scram-sha-256" else []
    monkeypatch.setattr(database, "_may_read_rules", lambda: True)
    monkeypatch.setattr(database, "_names", lambda *args: weak)
    assert numbers(database.a_password_is_asked_for()) == {number} - {""}


def test_a_server_that_takes_a_wrong_password_is_found(db, monkeypatch):
    monkeypatch.setattr(database, "_may_read_rules", lambda: False)
    assert database.a_password_is_asked_for() == []  # the server of the tests asks for it
    taken = SimpleNamespace(close=lambda: None)
    monkeypatch.setattr(database.psycopg2, "connect", lambda **given: taken)
    assert numbers(database.a_password_is_asked_for()) == {"E341"}


# -- The command ---------------------------------------------------------------------------------------------

# Of the server that the tests were given, which is not ours to judge.
SERVERS_OWN = {f"deployment.{number}" for number, *_rule in database.SERVER}


def test_the_command_fails_with_a_sentence_for_each(db, capsys):
    with pytest.raises(CommandError, match="does not protect people yet"):
        call_command("check_deployment")
    said = capsys.readouterr().out
    assert "unsafe  deployment.E101  VICTIMCARE_LOCAL is set" in said


def test_there_are_more_than_twenty_five_rules():
    rules = (*options.RULES, *files.LEDGER, *files.ENVIRONMENT, *database.ROLE, *database.SERVER)
    assert sum(number.startswith("E") for number, *_rule in rules) >= 45


@pytest.mark.slow
def test_an_installation_as_the_page_says_is_safe(worker_id: str, tmp_path: Path):
    """`manage.py check_deployment` itself, as the application's role in a process of its own."""
    tmp_path.chmod(0o700)
    (tmp_path / "ledger").touch(mode=0o600)
    with products.stored(f"deployment_{worker_id}", demonstration=False) as product:
        environment = product.environment | {
            "VICTIMCARE_LOCAL": "", "ALLOWED_HOSTS": "victimcare.example", "BEHIND_TLS_PROXY": "1",
            "ERASURE_LEDGER_FILE": str(tmp_path / "ledger"), "DEMO_PASSWORD": "",
        }  # fmt: skip
        del environment["DATABASE_OWNER_URL"]
        assert _said(environment) - SERVERS_OWN == set()
        assert "deployment.E206" in _said(environment | {"DATABASE_OWNER_URL": product.owner_url})


def _said(environment: dict[str, str]) -> set[str]:
    """Numbers of what is unsafe."""

    done = subprocess.run(
        [sys.executable, "manage.py", "check_deployment"], cwd=products.ROOT, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line.split() for line in done.stdout.splitlines()]
    return {words[1] for words in lines if words and words[0] == "unsafe"}
