"""What cannot be is refused by the database itself, whoever writes."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from cases import actions
from cases.models import ContactPoint, Incident, Note, Party, SubstanceUse
from tests import factories


def refused(statement: str, *values: Any) -> bool:
    """The database does not keep what the statement writes."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            assert cursor.rowcount != 0
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize(
    "setting",
    [
        "status = 'nonsense'",
        "status = 'closing'",
        "status = 'closed'",
        "closure_asked_at = now()",
        "closed_at = now()",
    ],
)
def test_a_case_in_an_impossible_state(world, setting):
    assert refused(f"UPDATE cases_case SET {setting} WHERE id = %s", world.case.pk)
    assert not refused("UPDATE cases_case SET status = 'on_hold' WHERE id = %s", world.case.pk)


def test_a_case_in_another_organisations_team(world):
    change = "UPDATE cases_case SET team_id = %s WHERE id = %s"
    assert refused(change, world.team_br.pk, world.case.pk)
    assert not refused(change, world.other_team.pk, world.case.pk)


def test_a_case_of_another_organisations_person(world):
    stranger = factories.person(world.agency_br)
    change = "UPDATE cases_case SET person_id = %s, subject_key_id = %s WHERE id = %s"
    assert refused(change, stranger.pk, stranger.subject_key_id, world.case.pk)


@pytest.mark.parametrize(
    "table",
    ["assignment", "enrolment", "consent", "incident", "note", "party", "substanceuse", "contactpoint"],
)
def test_a_record_under_another_persons_key(world, table):
    case, by = world.case, world.caseworker
    actions.add_note(case, Note(), "Words", by=by)
    actions.add_party(case, Party(role="witness"), by=by)
    actions.add_incident(case, Incident(), by=by)
    actions.add_substance(case, SubstanceUse(icd11_code="6C40"), by=by)
    actions.add_contact(case, ContactPoint(contact_kind="mobile", value="1", safety="safe"), by=by)
    factories.consent(case, world.shelter)
    other = factories.subject_key(world.agency)
    assert refused(f"UPDATE cases_{table} SET subject_key_id = %s", other.pk)
    assert not refused(f"UPDATE cases_{table} SET subject_key_id = %s", case.subject_key_id)
