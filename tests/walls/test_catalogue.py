"""Walks every table that the application can read, every function and every view; and is broken on purpose,
to prove that it can fail.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.conf import settings
from django.db import connection

from victimcare.row_security import OUTSIDE

# What runs as the owner and so sees more than who calls it: function -> what comes out of it.
DEFINERS = {
    "app.actor": "who acts, if the scope is signed",
    "app.me": "one's own id",
    "app.job": "the job's name",
    "app.someone": "yes or no",
    "app.places_as": "where one works in a role",
    "app.teams_as": "where one works in a role",
    "app.states_as": "where one works in a role",
    "app.my_places": "where one works",
    "app.works_elsewhere": "yes or no, to an administrator",
    "app.my_people": "who is or was in teams that one supervises",
    "victimcare_queue_for_seal": "a trigger",
    "app.my_teams": "teams that one supervises",
    "app.my_cases": "cases that were opened to one",
    "app.sees_as_maker": "that this is oneself",
    "app.my_counselled": "cases in which one counsels",
    "app.my_subjects": "keys of the persons of one's own cases",
    "app.audited_states": "which member states one audits",
    "app.audited_places": "organisations of these",
    "app.audited_teams": "teams of these",
    "app.my_registers": "where one works with persons",
    "app.my_bodies": "where one works in a role",
    "app.my_institutions": "where one works in a role",
    "app.my_inboxes": "where one works in a role",
    "app.my_cards": "encrypted name cards of one's own cases",
    "app.cards_alike": "encrypted name cards of one's own organisations, to who knows their tokens",
    "app.keep_search": "nothing; tokens and cards of persons whom one sees",
    "app.cards_of_state": "the same of other organisations, where a state has one register",
    "app.places_of_register": "organisations of one's own state",
    "app.cases_of_state": "that an organisation of such a state holds a case of a person",
    "app.my_requests": "what was answered to one's own requests",
    "app.cases_held": "that colleagues hold a case of a person",
    "app.my_led": "cases of teams that one supervises, where another case of the team is locked to one",
    "app.my_minimum": "cases of which one opened the minimum in an emergency",
    "app.is_locked": "yes or no, to who knows the key of a person",
    "app.locked_cases": "to a job alone, which cases are locked to somebody",
    "app.cases_to_open": "that colleagues hold a case, to who was told its number",
    "app.shown_in_emergency": "the log of an emergency, to who reviews it",
    "app.emergencies_counted": "numbers of one's own organisation",
    "app.wrote_tie": "yes or no",
    "app.my_received": "referrals to an inbox of which another one is locked to one",
    "app.places_closed": "where nothing of a person is sent, to who works with one of their cases",
    "app.packets_follow_tie": "a trigger",
    "app.refuse_tied": "a trigger",
    "app.reach_of_offer": "a trigger",
    "app.scope_of_emergency": "a trigger",
    "app.ties_follow_case": "a trigger",
    "certification_staff_count": "a number",
    "certification_staff_enough": "yes or no",
    "certification_staff_met": "yes or no",
    "referrals_only_to_the_accredited": "a trigger",
    "app.erase_subject": "nothing; destroys the key of a person, once two people decided so",
    "app.erasing_teams": "teams of organisations in which one supervises",
    "app.lock_cases_of": "nothing; makes changes of these cases wait for an erasure",
    "app.erasures_follow_case": "a trigger",
    "app.documents_follow_case": "a trigger",
    "app.bytes_held": "how much one's own organisation holds",
    "app.workers_of_case": "who works on a case, to the job that tells them",
    "app.consents_ending": "numbers of cases and who works on them, to the same job",
    "app.case_told_of": "number and team of a case, to the same job",
    "app.emergencies_unreviewed": "ids, numbers and teams of what waits for a review, to the same job",
    "app.scope_by_case": "a trigger",
    "app.scope_of_case_history": "a trigger",
    "app.scope_of_grant": "a trigger",
    "app.scope_of_case_step": "a trigger",
    "app.scope_of_referral_step": "a trigger",
    "app.scope_by_person": "a trigger",
    "app.scope_of_person_history": "a trigger",
    "app.scope_of_person_follows": "a trigger",
    "app.histories_follow_case": "a trigger",
    "app.case_handed_over": "a trigger",
    "app.scope_of_application": "a trigger",
    "app.scope_of_referral": "a trigger",
    "app.referrals_follow_case": "a trigger",
    "app.scope_of_packet": "a trigger",
    "app.scope_of_packet_history": "a trigger",
    "app.packet_follows_referral": "a trigger",
    "app.packets_follow_consent": "a trigger",
    "app.hold_state_key": "the id of a state's newest key",
    "app.hold_subject_key": "a version",
    "app.hold_search_keys": "which keys these are",
    "app.under_a_living_key": "a trigger",
}

TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner) = %(role)s,
       EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname <> 'owner')
  FROM pg_class c
 WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace) AND c.relkind IN ('r', 'p', 'f')
   AND has_table_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
"""
VIEWS = """
SELECT c.relname FROM pg_class c
 WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace)
   AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce(c.reloptions @> '{security_invoker=true}', false))
"""
FUNCTIONS = """
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || p.proname,
       coalesce(p.proconfig::text LIKE '%%search_path=pg_catalog%%pg_temp%%', false)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""
OTHERS = """
SELECT 'schema ' || nspname FROM pg_namespace
 WHERE nspname !~ '^pg_' AND has_schema_privilege(%(role)s, oid, 'CREATE')
UNION ALL
SELECT 'member of ' || pg_get_userbyid(m.roleid) FROM pg_auth_members m
 WHERE pg_get_userbyid(m.member) = %(role)s
UNION ALL
SELECT 'attributes' FROM pg_roles
 WHERE rolname = %(role)s AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
UNION ALL
SELECT 'temporary tables' WHERE has_database_privilege(%(role)s, current_database(), 'TEMPORARY')
UNION ALL
SELECT 'key of scopes' WHERE has_table_privilege(%(role)s, 'app.scope_key', 'SELECT, INSERT, UPDATE, DELETE')
"""


def asked(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"role": settings.DATABASE_APP_ROLE})
        return cursor.fetchall()


def holes() -> set[str]:
    """Every place where the second wall has a hole, by name."""
    found = {
        table
        for table, enabled, forced, owned, has_policy in asked(TABLES)
        if owned or (table not in OUTSIDE and not (enabled and forced and has_policy))
    }
    found |= {view for (view,) in asked(VIEWS)}
    found |= {name for name, fixed in asked(FUNCTIONS) if not fixed or name not in DEFINERS}
    return found | {what for (what,) in asked(OTHERS)}


def test_the_second_wall_has_no_hole(db: None) -> None:
    assert holes() == set()


def test_what_is_listed_is_there(db: None) -> None:
    """A list that outlives its table would one day excuse another one."""
    assert OUTSIDE.keys() <= {table for table, *_ in asked(TABLES)}
    assert DEFINERS.keys() == {name for name, _ in asked(FUNCTIONS)}


@pytest.mark.parametrize(
    ("planted", "hole"),
    [
        ("ALTER TABLE cases_note DISABLE ROW LEVEL SECURITY", "cases_note"),
        ("ALTER TABLE cases_historicalnote NO FORCE ROW LEVEL SECURITY", "cases_historicalnote"),
        ("DROP POLICY read ON cases_historicalperson; DROP POLICY add ON cases_historicalperson",
         "cases_historicalperson"),
        ("CREATE TABLE cases_diary (id uuid); GRANT SELECT ON cases_diary TO {role}", "cases_diary"),
        ("CREATE TABLE cases_diary (id uuid); GRANT INSERT ON cases_diary TO {role}", "cases_diary"),
        ("CREATE VIEW cases_all AS TABLE cases_case", "cases_all"),
        ("CREATE MATERIALIZED VIEW cases_all AS TABLE cases_case", "cases_all"),
        ("CREATE FUNCTION all_cases() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
         " SET search_path = pg_catalog, pg_temp AS 'SELECT 1::bigint'", "all_cases"),
        ("ALTER FUNCTION app.my_cases() RESET search_path", "app.my_cases"),
        ("GRANT CREATE ON SCHEMA app TO {role}", "schema app"),
        ("GRANT SELECT ON app.scope_key TO {role}", "key of scopes"),
        ("GRANT TEMPORARY ON DATABASE {database} TO {role}", "temporary tables"),
    ],
)  # fmt: skip
def test_a_planted_hole_is_found(
    db: None, as_owner: Callable[[], AbstractContextManager[None]], planted: str, hole: str
) -> None:
    name = connection.ops.quote_name
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            planted.format(
                role=name(settings.DATABASE_APP_ROLE), database=name(connection.settings_dict["NAME"])
            )
        )
    assert hole in holes()
