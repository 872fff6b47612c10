"""The access log behind the second wall: written by everybody, read by few, sealed by a job."""

import pytest

from tests.browser.product import Product
from tests.walls.conftest import Ask, Door

LINES = "SELECT count(*) FROM victimcare_accessentry"


def test_the_sealing_job_seals_what_was_written(stored: Product, owner: Ask) -> None:
    """As the command runs it: in the application's role."""
    assert owner("SELECT count(*) > 0 FROM victimcare_unsealedentry") == [(True,)]
    stored.manage("audit", "seal")
    assert owner("SELECT count(*) FROM victimcare_unsealedentry") == [(0,)]
    assert owner("SELECT sum(count) FROM victimcare_seal") == owner(LINES)
    stored.manage("audit", "check")


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("auditor", "member_state_id = 'AR'"),
        ("supervisor", "organization_id = (SELECT id FROM victimcare_organization WHERE code = 'ar-cav')"
         " AND by_id IN (SELECT user_id FROM victimcare_membership m"
         " JOIN victimcare_team t ON t.id = m.team_id WHERE t.name = 'Norte')"
         " OR subject_key_id IN (SELECT c.subject_key_id FROM cases_case c JOIN victimcare_team t"
         " ON t.id = c.team_id JOIN victimcare_organization o ON o.id = t.organization_id"
         " WHERE t.name = 'Norte' AND o.code = 'ar-cav')"),
        # Who saw their cases.
        ("caseworker", "subject_key_id IN (SELECT c.subject_key_id FROM cases_case c JOIN cases_assignment a"
         " ON a.case_id = c.id WHERE a.user_id = %(me)s AND a.ended_at IS NULL)"),
        ("admin", "false"),
        ("analyst", "false"),
    ],
)  # fmt: skip
def test_who_reads_which_lines(door: Door, owner: Ask, who: str, where: str) -> None:
    [(me,)] = owner("SELECT id FROM victimcare_user WHERE username = %s", [who])
    expected = owner(f"{LINES} WHERE ({where}) OR by_id = %(me)s", {"me": me})
    assert door.ask(who, LINES) == expected


@pytest.mark.parametrize("table", ["victimcare_unsealedentry", "victimcare_sealingkey"])
@pytest.mark.parametrize("who", ["auditor", "supervisor", "admin", "", "job:audit"])
def test_the_sealers_own_tables_are_the_jobs(door: Door, table: str, who: str) -> None:
    assert door.ask(who, f"SELECT count(*) FROM {table}") == [(0,)]
