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
        ("caseworker", "by_id = %(me)s OR subject_key_id IN (SELECT subject_key_id FROM cases_case c"
         " WHERE EXISTS (SELECT FROM cases_assignment a WHERE a.case_id = c.id AND a.user_id = %(me)s"
         " AND a.ended_at IS NULL))"),
        ("admin", "by_id = %(me)s"),
        ("analyst", "by_id = %(me)s"),
    ],
)  # fmt: skip
def test_who_reads_which_lines(door: Door, owner: Ask, who: str, where: str) -> None:
    [(me,)] = owner("SELECT id FROM victimcare_user WHERE username = %s", [who])
    where = where if who == "auditor" else f"({where}) OR by_id = %(me)s"
    expected = owner(f"{LINES} WHERE {where} OR by_id = %(me)s", {"me": me})
    assert door.ask(who, LINES) == expected


@pytest.mark.parametrize("table", ["victimcare_unsealedentry", "victimcare_sealingkey"])
@pytest.mark.parametrize("who", ["auditor", "supervisor", "admin", "", "job:audit"])
def test_the_sealers_own_tables_are_the_jobs(door: Door, table: str, who: str) -> None:
    assert door.ask(who, f"SELECT count(*) FROM {table}") == [(0,)]
