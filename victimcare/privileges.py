"""What the application's role may do to which table: settled after each migration.

Every table may be read and added to. Logs, histories and keys stay as they were written, what the owner
fills is only read, and nothing is deleted but what is named here: no statement of the application's, its own
or an injected one, makes a record or a key vanish.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from victimcare import scope
from victimcare.access import UserGrant
from victimcare.models.base import Derived

READ = frozenset({"SELECT"})
ADD = READ | {"INSERT"}
CHANGE = ADD | {"UPDATE"}
DELETE = CHANGE | {"DELETE"}

# Guardian's own tables stay empty: a grant is a direct foreign key (design section 3).
GENERIC_GRANTS = frozenset({"guardian_userobjectpermission", "guardian_groupobjectpermission"})
# Filled by migrations and by what follows them. Django's groups and permissions of users are used by nobody.
OWNERS = frozenset({
    "django_migrations", "django_content_type", "victimcare_memberstate",
    "auth_permission", "auth_group", "auth_group_permissions",
    "victimcare_user_groups", "victimcare_user_user_permissions",
})  # fmt: skip
LOGS = frozenset({"victimcare_accessentry", "victimcare_step", "victimcare_seal"})
# Written by the function that destroys a key, and by nobody else.
LEDGER = frozenset({"victimcare_erasureentry"})
KEYS = frozenset({
    "victimcare_statekey", "victimcare_subjectkey", "victimcare_organizationkey", "victimcare_sealingkey",
})  # fmt: skip
# What is deleted when it is used up: sessions, counters, second factors, tasks that are done, what waited
# for a seal, old notifications.
PASSING = frozenset({
    "django_session", "victimcare_cache", "mfa_authenticator", "django_tasks_database_dbtaskresult",
    "victimcare_unsealedentry", "victimcare_notification",
})  # fmt: skip

HELD = """
SELECT c.relname, array_remove(array_agg(a.privilege_type), NULL)
FROM pg_class c
LEFT JOIN LATERAL aclexplode(c.relacl) a ON a.grantee = (SELECT oid FROM pg_roles WHERE rolname = %s)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
GROUP BY c.relname ORDER BY c.relname
"""
# Before the function's migration there is nothing to guard with.
UNGUARDED = """
SELECT relname FROM pg_class c
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND to_regprocedure('victimcare_refuse_change()') IS NOT NULL
AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'only_added_to')
"""


@transaction.atomic
def settle(**kwargs: Any) -> None:
    """All of it or nothing, and only what differs: no table is open for a moment while others migrate."""
    _guard_histories()
    role = settings.DATABASE_APP_ROLE
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('app.scope_key')")
        if cursor.fetchone()[0] is None:
            return  # Before the second wall is there, nobody is let in.
        _tell_scope_key(cursor)
        cursor.execute(f"GRANT USAGE ON SCHEMA public, app TO {name}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        _refuse_temporary_tables(cursor)
        cursor.execute(HELD, [role])
        for table, held in cursor.fetchall():
            for statement in _differences(table, set(held), name):
                cursor.execute(statement)


def _tell_scope_key(cursor: Any) -> None:
    """By this key the database knows that a scope is the application's (victimcare/scope.py)."""
    cursor.execute(
        "INSERT INTO app.scope_key AS known (inner_pad, outer_pad) VALUES (%s, %s)"
        " ON CONFLICT (single) DO UPDATE SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad"
        " WHERE known.inner_pad <> excluded.inner_pad",
        scope.pads(),
    )


def _refuse_temporary_tables(cursor: Any) -> None:
    """One could stand in front of a real table for the rest of a session."""
    cursor.execute(
        "SELECT current_database(), has_database_privilege(%s, current_database(), 'TEMPORARY')",
        [settings.DATABASE_APP_ROLE],
    )
    database, allowed = cursor.fetchone()
    if allowed:
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {connection.ops.quote_name(database)} FROM PUBLIC")


def privileges(table: str) -> frozenset[str]:
    """What the application may do to that table."""
    if table in GENERIC_GRANTS:
        return frozenset()
    if table in OWNERS | LEDGER:
        return READ
    if table in LOGS | KEYS or _is_history(table):
        return ADD
    return DELETE if table in PASSING | _made_anew() else CHANGE


def _differences(table: str, held: set[str], role: str) -> list[str]:
    wanted, quoted = privileges(table), connection.ops.quote_name(table)
    missing, surplus = sorted(wanted - held), sorted(held - wanted)
    grant = [f"GRANT {', '.join(missing)} ON {quoted} TO {role}"] if missing else []
    revoke = [f"REVOKE {', '.join(surplus)} ON {quoted} FROM {role}"] if surplus else []
    return grant + revoke


def _is_history(table: str) -> bool:
    return "_historical" in table


def _made_anew() -> set[str]:
    """Tables of the apps whose rows go with the fact that they follow from."""
    return {model._meta.db_table for model in apps.get_models() if issubclass(model, (UserGrant, Derived))}


def _guard_histories() -> None:
    """A trigger holds whichever role asks, the owner too."""
    with connection.cursor() as cursor:
        cursor.execute(UNGUARDED)
        for table in filter(_is_history, [row[0] for row in cursor.fetchall()]):
            cursor.execute(
                f"CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON {connection.ops.quote_name(table)}"
                " FOR EACH ROW EXECUTE FUNCTION victimcare_refuse_change()"
            )
