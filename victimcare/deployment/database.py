"""What the database server must not be like: asked of the server itself, as the application's role."""

from collections.abc import Iterator
from typing import Any

import psycopg2
from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from victimcare import acting
from victimcare.deployment import TAG, Rule, broken, refused
from victimcare.row_security import OUTSIDE

OLDEST = 150_000
# What the server says of itself and of the role; a setting that this role may not see is None.
ASKED = """
SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
       EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) AS is_member,
       EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid)
           OR EXISTS (SELECT FROM pg_proc p WHERE p.proowner = r.oid)
           OR EXISTS (SELECT FROM pg_database d WHERE d.datdba = r.oid) AS owns,
       has_schema_privilege(r.oid, 'public', 'CREATE')
           OR has_database_privilege(r.oid, current_database(), 'CREATE, TEMPORARY') AS makes,
       current_setting('server_version_num')::integer AS version,
       current_setting('log_statement', true) AS log_statement,
       current_setting('log_min_duration_statement', true) AS log_min_duration_statement,
       current_setting('log_min_duration_sample', true) AS log_min_duration_sample,
       current_setting('log_min_error_statement', true) AS log_min_error_statement,
       current_setting('log_parameter_max_length_on_error', true) AS log_parameters,
       current_setting('log_error_verbosity', true) AS log_error_verbosity,
       current_setting('auto_explain.log_min_duration', true) AS auto_explain,
       current_setting('pgaudit.log', true) AS pgaudit,
       current_setting('pg_stat_statements.track_utility', true) AS statistics_of_utility,
       current_setting('track_activities', true) AS track_activities,
       current_setting('password_encryption', true) AS password_encryption,
       current_setting('fsync', true) AS fsync,
       current_setting('full_page_writes', true) AS full_page_writes,
       current_setting('server_encoding', true) AS encoding,
       EXISTS (SELECT FROM pg_proc p WHERE p.proname IN ('pg_prepared_statement', 'pg_stat_statements')
                  AND has_function_privilege(r.oid, p.oid, 'EXECUTE')) AS shows_names,
       coalesce(host(inet_server_addr()), '') AS server,
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS has_tls
  FROM pg_roles r WHERE r.rolname = %s
"""
# A table with policies that do not hold: somebody turned row security off.
UNHELD = """
SELECT c.relname FROM pg_class c
 WHERE EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
   AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""
# A table that the role reaches without a policy: nothing was ever said about who sees a row of it.
UNSAID = """
SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.rolname = %s
 WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace) AND c.relkind IN ('r', 'p', 'f')
   AND has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE') AND c.relname <> ALL (%s)
   AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname <> 'owner')
"""
LOOPBACK = ("", "127.0.0.1", "::1")
WRONG_PASSWORD = "not-the-password-of-anybody"  # noqa: S105  # it is meant to be refused


def _logs_statements(told: dict[str, Any]) -> bool:
    durations = ("log_min_duration_statement", "log_min_duration_sample")
    timed = any(told[name] not in {None, "-1"} for name in durations)
    return timed or told["log_statement"] not in {None, "none"}


def _logs_by_extension(told: dict[str, Any]) -> bool:
    return told["auto_explain"] not in {None, "-1"} or told["pgaudit"] not in {None, "", "none"}


def _is_weaker_than_tls(told: dict[str, Any]) -> bool:
    return told["server"] not in LOOPBACK and not told["has_tls"]


def _trusts_any_certificate(told: dict[str, Any]) -> bool:
    given = connection.settings_dict.get("OPTIONS", {}).get("sslmode", "")
    return told["server"] not in LOOPBACK and told["has_tls"] and given != "verify-full"


ROLE: tuple[Rule, ...] = (
    ("E301", "The application's role is a superuser: no wall holds. ALTER ROLE ... NOSUPERUSER.",
     lambda told: told["rolsuper"]),
    ("E302", "The application's role passes row security: ALTER ROLE ... NOBYPASSRLS.",
     lambda told: told["rolbypassrls"]),
    ("E303", "The application's role may make roles, databases or copies: ALTER ROLE ... NOCREATEROLE ...",
     lambda told: told["rolcreaterole"] or told["rolcreatedb"] or told["rolreplication"]),
    ("E304", "The application's role is a member of another role: REVOKE it.",
     lambda told: told["is_member"]),
    ("E305", "The application's role owns a table, a function or the database: REASSIGN OWNED BY it.",
     lambda told: told["owns"]),
    ("E306", "The application's role may make tables: REVOKE CREATE and TEMPORARY (docs/operations.md).",
     lambda told: told["makes"]),
)  # fmt: skip
SERVER: tuple[Rule, ...] = (
    ("E311", "The server logs statements, which hold personal data: log_statement = none, durations -1.",
     _logs_statements),
    ("E312", "The server logs the statement of an error: log_min_error_statement = panic.",
     lambda told: told["log_min_error_statement"] not in {None, "panic"}),
    ("E313", "The server logs the values of a failed statement: log_parameter_max_length_on_error = 0.",
     lambda told: told["log_parameters"] not in {None, "0"}),
    ("E314", "The server logs the details of an error, which quote a row: log_error_verbosity = terse.",
     lambda told: told["log_error_verbosity"] not in {None, "terse"}),
    ("E315", "An extension logs statements whole: turn auto_explain and pgaudit off for the role.",
     _logs_by_extension),
    ("E316", "Sessions of the role see each other's statements: ALTER ROLE ... SET track_activities = off.",
     lambda told: told["track_activities"] not in {None, "off"}),
    ("E317", "Passwords are kept as MD5: password_encryption = scram-sha-256, and set them anew.",
     lambda told: told["password_encryption"] not in {None, "scram-sha-256"}),
    ("E318", "The server may lose what was committed: fsync and full_page_writes must be on.",
     lambda told: "off" in {told["fsync"], told["full_page_writes"]}),
    ("E319", "The connection to the database has no TLS: sslmode=verify-full in DATABASE_URL.",
     _is_weaker_than_tls),
    ("E320", "Any server's certificate is taken for the database's: sslmode=verify-full in DATABASE_URL.",
     _trusts_any_certificate),
    ("E321", "The server is older than PostgreSQL 15, or does not write UTF8.",
     lambda told: told["version"] < OLDEST or told["encoding"] != "UTF8"),
    ("W322", "pg_stat_statements keeps SET and COPY whole: pg_stat_statements.track_utility = off.",
     lambda told: told["statistics_of_utility"] == "on"),
    ("W323", "Each statement is planned each time, since the role may read the names of planned ones: REVOKE"
     " EXECUTE ON FUNCTION pg_prepared_statement() FROM PUBLIC (docs/operations.md).",
     lambda told: told["shows_names"]),
)  # fmt: skip


@checks.register(TAG, deploy=True)
def the_server_protects(**kwargs: Any) -> list[checks.CheckMessage]:
    told = _told()
    if told is None:
        return [
            refused(
                "E300", "The server has no role of the name in DATABASE_URL: make it (docs/operations.md)."
            )
        ]
    return broken(ROLE, told) + broken(SERVER, told)


def _told() -> dict[str, Any] | None:
    """Of the role that serves, whoever asks; None where there is none of that name."""
    with connection.cursor() as cursor:
        cursor.execute(ASKED, [settings.DATABASE_APP_ROLE])
        names = [column.name for column in cursor.description]
        said = cursor.fetchone()
        return dict(zip(names, said, strict=True)) if said else None


@checks.register(TAG, deploy=True)
def rows_are_guarded(**kwargs: Any) -> list[checks.CheckMessage]:
    unheld, unsaid = _names(UNHELD), _names(UNSAID, [settings.DATABASE_APP_ROLE, list(OUTSIDE)])
    found = []
    if unheld:
        found.append(
            refused("E331", f"Row security is off: {', '.join(unheld)}. Was the schema changed by hand?")
        )
    if unsaid:
        found.append(
            refused("E332", f"No policy says who sees a row: {', '.join(unsaid)}. Run `manage.py migrate`.")
        )
    return found


def _names(statement: str, values: list[Any] | None = None) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return sorted(name for (name,) in cursor.fetchall())


@checks.register(TAG, deploy=True)
def the_database_is_of_this_product(**kwargs: Any) -> list[checks.CheckMessage]:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return [refused("E333", "The database is older than the product: run `manage.py migrate`.")]
    with acting.as_job("health"):
        known = _names("SELECT app.job()")
    sentence = (
        "The database does not know this SECRET_KEY, so nobody would see anything: run `manage.py migrate`."
    )
    return [] if known == ["health"] else [refused("E334", sentence)]


@checks.register(TAG, deploy=True)
def a_password_is_asked_for(**kwargs: Any) -> list[checks.CheckMessage]:
    """By the server's rules where they may be read, else by trying to come in with a wrong password."""
    return list(_by_rules() if _may_read_rules() else _by_trying())


def _may_read_rules() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege('pg_hba_file_rules()', 'EXECUTE')")
        return bool(cursor.fetchone()[0])


def _by_rules() -> Iterator[checks.CheckMessage]:
    weak = _names(
        "SELECT DISTINCT auth_method FROM pg_hba_file_rules WHERE auth_method IN ('trust', 'password', 'md5')"
    )
    if weak:
        yield refused(
            "E341", f"pg_hba.conf has rules by {', '.join(weak)}: ask for scram-sha-256 everywhere."
        )


def _by_trying() -> Iterator[checks.CheckMessage]:
    given = connection.get_connection_params() | {
        "password": WRONG_PASSWORD,
        "user": settings.DATABASE_APP_ROLE,
    }
    given.pop("cursor_factory", None)
    try:
        psycopg2.connect(**given, connect_timeout=5).close()
    except psycopg2.OperationalError:
        return
    yield refused(
        "E341", "The database takes a wrong password: ask for scram-sha-256 in pg_hba.conf, never trust."
    )
