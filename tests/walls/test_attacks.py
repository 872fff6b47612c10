"""What somebody could do who injects SQL into a page of the product, statement after statement in one
transaction."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg2
import pytest

from tests.walls.conftest import Ask, Door
from tests.walls.test_rows import foreign_case

REFUSED = (psycopg2.errors.InsufficientPrivilege, psycopg2.IntegrityError)
EMERGENCY = """
INSERT INTO cases_emergencyaccess
    (id, created_at, revision, subject_key_id, case_id, user_id, opened_at, opened_by_id, until, reason)
SELECT gen_random_uuid(), now(), 1, subject_key_id, id, app.me(), now(), app.me(), now() + interval '1 hour',
'danger'
  FROM cases_case LIMIT 1
"""


@pytest.fixture
def foreign(owner: Ask) -> dict[str, Any]:
    case = foreign_case(owner, "caseworker")
    [(person, team, key)] = owner(
        "SELECT person_id, team_id, subject_key_id FROM cases_case WHERE id = %s", [case]
    )
    return {"case": case, "person": person, "team": team, "key": key}


@pytest.mark.parametrize(
    "statement",
    [
        # Of a case that one sees anyway, to be pointed elsewhere afterwards.
        EMERGENCY,
        "UPDATE cases_case SET person_id = %(person)s",
        "UPDATE cases_enrolment SET case_id = %(case)s",
        "UPDATE referrals_referral SET case_id = %(case)s",
        "UPDATE cases_contactpoint SET person_id = %(person)s",
        "UPDATE cases_case SET subject_key_id = %(key)s",
        "UPDATE cases_person SET subject_key_id = %(key)s",
        "UPDATE cases_note SET subject_key_id = %(key)s",
        "UPDATE cases_case SET scope_made_at = now()",
        "UPDATE cases_case SET scope_made_by = app.me()",
        "UPDATE referrals_referral SET received_case_id = case_id",
        "INSERT INTO cases_case (id, created_at, created_by_id, revision, subject_key_id, organization_id,"
        " team_id, person_id, number, status, opened_on, urgency, closure_reason)"
        " SELECT gen_random_uuid(), now(), app.me(), 1, subject_key_id, organization_id, team_id, %(person)s,"
        " 'XXX-XXX-XXX-X', 'open', current_date, 'routine', '' FROM cases_case LIMIT 1",
        "UPDATE victimcare_organization SET is_certifying_body = true",
        "INSERT INTO cases_casegrant (user_id, content_object_id, permission_id)"
        " SELECT app.me(), c.id, p.id FROM cases_case c, auth_permission p"
        " WHERE p.codename = 'read_counselling' AND c.team_id <> ALL (app.my_teams()) LIMIT 1",
        "INSERT INTO victimcare_step (id, at, by_id, object_label, object_id, verb, source, target, reason)"
        " SELECT gen_random_uuid(), now(), app.me(), 'cases.Case', %(case)s, 'close', '', '', ''",
    ],
)
def test_an_attack_is_refused(door: Door, foreign: dict[str, Any], statement: str) -> None:
    with pytest.raises(REFUSED):
        door.ask("caseworker", statement, foreign)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE victimcare_team SET organization_id = (SELECT organization_id FROM cases_case LIMIT 1)",
        "UPDATE victimcare_location SET tier = 'public'",
        "UPDATE certification_certificate SET status = 'suspended'",
        "UPDATE certification_accreditation SET status = 'suspended'",
        "UPDATE victimcare_membership SET ended_at = NULL",
        "DELETE FROM cases_persontokens WHERE person_id = %(person)s",
        "DELETE FROM cases_casegrant WHERE user_id = app.me()",
    ],
)
def test_an_attack_changes_nothing(door: Door, foreign: dict[str, Any], statement: str) -> None:
    assert door.ask("caseworker", statement, foreign) == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_erasure SET subject_key_id = %(key)s",
        "UPDATE cases_erasure SET status = 'approved', approved_at = now(), approved_by_id = asked_by_id",
        "SELECT app.erase_subject(id) FROM cases_erasure",
    ],
)
def test_a_request_to_erase_somebody_erases_nobody_else(
    door: Door, foreign: dict[str, Any], statement: str
) -> None:
    assert door.ask("supervisor", "SELECT FROM cases_erasure WHERE status = 'asked'")
    with pytest.raises(REFUSED):
        door.ask("supervisor", statement, foreign)


def test_an_administrator_does_not_make_themselves_a_supervisor(door: Door) -> None:
    with pytest.raises(REFUSED):
        door.ask(
            "admin",
            "INSERT INTO victimcare_membership"
            " (id, created_at, revision, user_id, organization_id, team_id, role, started_at)"
            " SELECT gen_random_uuid(), now(), 1, app.me(), place, NULL, 'supervisor', now()"
            " FROM unnest(app.my_places()) place",
        )
    with pytest.raises(REFUSED):
        door.ask("admin", "UPDATE victimcare_membership SET role = 'supervisor'")


@pytest.mark.parametrize("who", ["caseworker", "admin", ""])
def test_nobody_reads_or_plants_a_counter(
    door: Door, changed: Callable[..., AbstractContextManager[None]], who: str
) -> None:
    """Its value is a pickle: whoever writes one runs code in the product's process."""
    counter = "INSERT INTO victimcare_cache VALUES ('there', 'x', now() + interval '1 day')"
    with changed(counter, back="DELETE FROM victimcare_cache WHERE cache_key = 'there'"):
        assert door.ask(who, "SELECT * FROM victimcare_cache") == []
        assert door.ask("job:counting", "SELECT count(*) FROM victimcare_cache") == [(1,)]
    with pytest.raises(REFUSED):
        door.ask(who, "INSERT INTO victimcare_cache VALUES ('another', 'x', now())")
