"""What the database lets the application do, table by table, whatever the application asks for."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from cases.models import Case
from tests import factories
from victimcare import acting, privileges
from victimcare.models import Record, SubjectKey, Team

# S read, I add, U change, D delete. A record is SIU and a history SI; every other table stands here.
EXPECTED = {
    "account_emailaddress": "SIU",
    "account_emailconfirmation": "SIU",
    "auth_group": "S",
    "auth_group_permissions": "S",
    "auth_permission": "S",
    "cases_casegrant": "SIUD",
    "cases_documentsegment": "SI",
    "cases_namecard": "SIUD",
    "cases_persontokens": "SIUD",
    "django_content_type": "S",
    "django_migrations": "S",
    "django_session": "",
    "django_tasks_database_dbtaskresult": "SIUD",
    "guardian_groupobjectpermission": "",
    "guardian_userobjectpermission": "",
    "mfa_authenticator": "SIUD",
    "victimcare_accessentry": "SI",
    "victimcare_cache": "SIUD",
    "victimcare_erasureentry": "S",
    "victimcare_memberstate": "S",
    "victimcare_notification": "SIUD",
    "victimcare_notificationchoice": "SIU",
    "victimcare_organizationkey": "SI",
    "victimcare_schedule": "SIU",
    "victimcare_seal": "SI",
    "victimcare_sealingkey": "SI",
    "victimcare_statekey": "SI",
    "victimcare_session": "SIUD",
    "victimcare_step": "SI",
    "victimcare_subjectkey": "SI",
    "victimcare_tries": "SIUD",
    "victimcare_unsealedentry": "SIUD",
    "victimcare_user": "SIU",
    "victimcare_user_groups": "S",
    "victimcare_user_user_permissions": "S",
}
LETTERS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE"}
NEVER = "TRUNCATE, REFERENCES, TRIGGER"


def expected(table: str) -> str:
    records = {model._meta.db_table for model in apps.get_models() if issubclass(model, Record)}
    if table in records:
        return "SIU"
    return "SI" if "_historical" in table else EXPECTED[table]


def catalogue() -> dict[str, str]:
    """Table -> letters, as the database itself answers to whoever is connected now."""
    with connection.cursor() as cursor:
        asked = ", ".join(f"has_table_privilege(oid, '{name}')" for name in LETTERS.values())
        cursor.execute(
            f"SELECT relname, {asked}, has_table_privilege(oid, '{NEVER}') FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')"
        )
        return {
            table: "".join(letter for letter, has in zip(f"{''.join(LETTERS)}!", held, strict=True) if has)
            for table, *held in cursor.fetchall()
        }


def surprises() -> dict[str, str]:
    """As the application's role."""
    with acting.as_user(None):
        found = catalogue()
    return {table: held for table, held in found.items() if held != expected(table)}


def test_the_application_may_do_what_is_expected_and_no_more(db):
    assert surprises() == {}
    assert EXPECTED.keys() <= catalogue().keys()


@pytest.mark.parametrize(
    ("planted", "table"),
    [
        ("GRANT DELETE ON cases_note TO {}", "cases_note"),
        ("GRANT UPDATE ON victimcare_statekey TO {}", "victimcare_statekey"),
        ("GRANT TRUNCATE ON cases_case TO {}", "cases_case"),
        ("REVOKE SELECT ON victimcare_step FROM {}", "victimcare_step"),
    ],
)
def test_a_planted_privilege_is_found_and_settled(db, as_owner, planted, table):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(planted.format(connection.ops.quote_name(settings.DATABASE_APP_ROLE)))
    assert surprises().keys() == {table}
    with as_owner():
        privileges.settle()
    assert surprises() == {}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM cases_case",
        "DELETE FROM cases_note",
        "UPDATE victimcare_statekey SET wrapped = ''",
        "UPDATE victimcare_subjectkey SET wrapped = NULL, destroyed_at = now()",
        "DELETE FROM victimcare_subjectkey",
        "DELETE FROM victimcare_erasureentry",
        "UPDATE cases_historicalparty SET name = NULL",
        "UPDATE victimcare_memberstate SET consent_days = 1",
    ],
)
def test_one_statement_destroys_nothing(world, acts, statement):
    with (
        acts(world.case and world.caseworker),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_every_history_is_guarded_against_the_owner_too(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = %s)"
            " FROM pg_class c WHERE relname LIKE %s AND relkind = 'r'",
            ["only_added_to", r"%\_historical%"],
        )
        guarded = dict(cursor.fetchall())
    assert len(guarded) >= 15
    assert [table for table, has in guarded.items() if not has] == []


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET history_type = '~'"])
def test_not_even_the_owner_changes_history(world, as_owner, statement):
    factories.person(world.agency)
    with (
        as_owner(),
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("cases_historicalperson"))


def test_a_record_is_neither_deleted_nor_changed_past_its_history(world):
    case = factories.case(world.team)
    for refused in (
        case.delete,
        Team(organization=world.agency).delete,
        Case._base_manager.all().delete,
        lambda: Case._base_manager.update(status="closed"),
        lambda: Case._base_manager.filter(pk=case.pk).update(status="closed"),
        lambda: Case._default_manager.bulk_create([]),
        lambda: world.agency.teams.update(name="x"),
    ):
        with pytest.raises(TypeError):
            refused()
    assert SubjectKey.objects.filter(pk=case.subject_key_id).exists()
