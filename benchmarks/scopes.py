"""The columns by which the database judges who sees a row: what the generator wrote, against what the
product's triggers would have written.
"""

from typing import Any

# By table: from where its scope comes, and how it must stand.
OF_CASE = """
SELECT count(*) FROM {table} one JOIN cases_case held ON held.id = one.case_id
 WHERE (one.scope_team_id, one.subject_key_id) IS DISTINCT FROM (held.team_id, held.subject_key_id)
"""
OF_PERSON = """
SELECT count(*) FROM {table} one LEFT JOIN (
    SELECT person_id, array_agg(DISTINCT team_id) AS teams, array_agg(id) AS cases FROM cases_case GROUP BY 1
) held ON held.person_id = one.{person}
 WHERE (one.scope_team_ids, one.scope_case_ids) IS DISTINCT FROM (held.teams, held.cases)
"""
OTHERS = (
    """SELECT count(*) FROM cases_casegrant given
         LEFT JOIN cases_case held ON held.id = given.content_object_id
         LEFT JOIN auth_permission allowed ON allowed.id = given.permission_id
        WHERE (given.scope_organization_id, given.scope_codename)
              IS DISTINCT FROM (held.organization_id, allowed.codename)
           OR NOT EXISTS (SELECT FROM cases_assignment one WHERE one.case_id = given.content_object_id
                             AND one.user_id = given.user_id AND one.ended_at IS NULL)""",
    """SELECT count(*) FROM cases_historicalcase old LEFT JOIN cases_case held USING (id)
        WHERE old.scope_team_id IS DISTINCT FROM held.team_id""",
    """SELECT count(*) FROM referrals_historicalpacket old LEFT JOIN referrals_packet one USING (id)
        WHERE (old.scope_case_id, old.scope_team_id)
              IS DISTINCT FROM (one.scope_case_id, one.scope_team_id)""",
    """SELECT count(*) FROM victimcare_step step LEFT JOIN referrals_referral sent ON sent.id = step.object_id
         LEFT JOIN cases_case held ON held.id = coalesce(sent.case_id, step.object_id)
        WHERE (step.scope_case_id, step.scope_team_id) IS DISTINCT FROM (held.id, held.team_id)""",
    *(
        f"""SELECT count(*) FROM {table} one
              LEFT JOIN certification_practitioner file ON file.id = one.practitioner_id
             WHERE one.scope_user_id IS DISTINCT FROM file.user_id"""
        for table in ("certification_application", "certification_historicalapplication")
    ),
)
# What comes from several tables: its own trigger writes it anew, and it must be the same.
ANEW = (
    "CREATE TEMPORARY TABLE said ON COMMIT DROP AS SELECT * FROM {table}",
    "UPDATE {table} SET {column} = {column}",
    "SELECT count(*) FROM (TABLE said EXCEPT ALL TABLE {table}) AS differing",
    "DROP TABLE said",
)
TRIGGERED = {"referrals_packet": "referral_id", "referrals_serviceatlocation": "service_id"}
WITH_CASE = """
SELECT table_name FROM information_schema.columns
 WHERE table_schema = 'public' AND column_name IN ('case_id', 'scope_team_id', 'subject_key_id')
 GROUP BY 1 HAVING count(*) = 3 ORDER BY 1
"""
PERSONS = {
    "cases_person": "id",
    "cases_historicalperson": "id",
    "cases_contactpoint": "person_id",
    "cases_historicalcontactpoint": "person_id",
}


def wrong(cursor: Any) -> int:
    """How many rows say another scope than the triggers would. In a transaction of the owner's."""
    cursor.execute(WITH_CASE)
    questions = [OF_CASE.format(table=table) for (table,) in cursor.fetchall()]
    questions += [OF_PERSON.format(table=table, person=person) for table, person in PERSONS.items()]
    return sum(_count(cursor, question) for question in (*questions, *OTHERS)) + sum(
        _differing(cursor, table, column) for table, column in TRIGGERED.items()
    )


def _count(cursor: Any, question: str) -> int:
    cursor.execute(question)
    return int(cursor.fetchone()[0])


def _differing(cursor: Any, table: str, column: str) -> int:
    copied, written, counted, done = (one.format(table=table, column=column) for one in ANEW)
    cursor.execute(copied)
    cursor.execute(written)
    found = _count(cursor, counted)
    cursor.execute(done)
    return found
