"""A scope that the product did not sign, or signed too long ago, is nobody's."""

import time

import pytest

from tests.walls.conftest import Ask, Door
from victimcare import acting, scope

COUNT = "SELECT count(*) FROM cases_case"


@pytest.fixture
def me(owner: Ask) -> str:
    [(found,)] = owner("SELECT id FROM victimcare_user WHERE username = 'supervisor'")
    return f"user:{found}"


def seen(door: Door, said: str) -> int:
    return int(door.ask_with(said, COUNT)[0][0])


def test_a_signed_scope_shows_something(door: Door, me: str) -> None:
    assert seen(door, scope.said_by(me)) > 0


@pytest.mark.parametrize(
    "broken",
    [
        lambda said: said[:-1],
        lambda said: said[:-1] + ("0" if said[-1] != "0" else "1"),
        lambda said: said + "|",
        lambda said: "|" + said,
        lambda said: said.upper(),
        lambda said: said.replace("user:", "user: "),
        lambda said: said.split("|")[0],
        lambda said: "|".join([*said.split("|")[:2], ""]),
        lambda said: "||",
        lambda said: "|".join(["job:import", *said.split("|")[1:]]),
        lambda said: "|".join([said.split("|")[0], "9999999999", said.split("|")[2]]),
        lambda said: "|".join([said.split("|")[0], "infinity", said.split("|")[2]]),
    ],
)
def test_a_forged_scope_shows_nothing(door: Door, me: str, broken) -> None:
    assert seen(door, broken(scope.said_by(me))) == 0


def test_an_expired_scope_shows_nothing(door: Door, me: str) -> None:
    now = int(time.time())
    assert seen(door, scope.sign(me, now + 20)) > 0
    assert seen(door, scope.sign(me, now - 1)) == 0


def test_the_products_own_scope_ends_within_ninety_seconds(me: str) -> None:
    expiry = int(scope.said_by(me).split("|")[1])
    assert time.time() + scope.RENEWED_EVERY < expiry <= time.time() + 3 * scope.RENEWED_EVERY + 1


def test_the_scope_is_a_value_of_a_query() -> None:
    """pg_stat_statements keeps queries without their values, and the words of all other statements."""
    with acting.as_job("health"):
        sent = scope.scoped(lambda sql, *rest: sql, "SELECT 1", None, False, {})
    assert sent.startswith("SELECT set_config('app.scope', 'job:health|")


def test_somebody_elses_signature_is_not_ones_own(door: Door, owner: Ask, me: str) -> None:
    [(other,)] = owner("SELECT id FROM victimcare_user WHERE username = 'admin'")
    signature = scope.said_by(f"user:{other}").split("|")[1:]
    assert seen(door, "|".join([me, *signature])) == 0


def test_injected_sql_cannot_act_as_another(door: Door, me: str) -> None:
    """It may set the scope to anything, and sign nothing."""
    found = door.ask("admin", f"SELECT set_config('app.scope', '{me}|9999999999|00', true); {COUNT}")
    assert found == [(0,)]


def test_a_disabled_user_sees_nothing_at_once(door: Door, changed, me: str) -> None:
    said = scope.said_by(me)
    with changed(
        "UPDATE victimcare_user SET is_active = false WHERE username = 'supervisor'",
        back="UPDATE victimcare_user SET is_active = true WHERE username = 'supervisor'",
    ):
        assert seen(door, said) == 0


def test_who_left_sees_nothing_at_once(door: Door, changed, me: str) -> None:
    whose = "user_id = (SELECT id FROM victimcare_user WHERE username = 'supervisor')"
    with changed(
        f"UPDATE victimcare_membership SET ended_at = now(), ended_by_id = user_id WHERE {whose}",
        back=f"UPDATE victimcare_membership SET ended_at = NULL, ended_by_id = NULL WHERE {whose}",
    ):
        assert seen(door, scope.said_by(me)) == 0


def test_nothing_outlives_the_transaction(door: Door, me: str) -> None:
    assert seen(door, scope.said_by(me)) > 0
    with door.connection.cursor() as cursor:
        cursor.execute(COUNT)
        assert cursor.fetchone() == (0,)
    door.connection.rollback()


# Which of these tables a job finds anything in.
OF_PEOPLE = (
    "cases_case", "cases_person", "cases_contactpoint", "cases_note", "cases_party", "cases_incident",
    "cases_consent", "cases_substanceuse", "cases_historicalperson", "cases_historicalnote",
    "cases_persontokens", "referrals_referral", "referrals_packet", "referrals_historicalreferral",
    "referrals_historicalpacket", "certification_practitioner", "certification_application",
    "certification_historicalapplication", "victimcare_accessentry", "victimcare_step",
)  # fmt: skip
FINDS = {
    "queue": set(),
    "health": set(),
    "counting": set(),
    "sessions": set(),
    "invitation": set(),
    # For a supervisor who erases, in their organisation; by itself it finds nobody.
    "erasure": set(),
    "search": {"cases_person", "cases_contactpoint", "cases_persontokens"},
    "expiry": {"referrals_referral", "certification_practitioner"},
    "lapses": {"referrals_referral", "certification_practitioner"},
    "departure": {"cases_case"},
    "sealing": {"victimcare_accessentry"},
    "audit": {
        "cases_case", "cases_consent", "referrals_referral", "referrals_packet", "certification_practitioner",
        "certification_application", "victimcare_accessentry",
    },
    "log": set(),
    "notices": set(),
    "ties": set(),
    "import": {
        "cases_case", "cases_person", "cases_contactpoint", "cases_note", "cases_party", "cases_incident",
        "cases_consent", "cases_substanceuse",
    },
}  # fmt: skip


@pytest.mark.parametrize("job", sorted(acting.JOBS))
def test_a_job_reads_what_it_is_for(door: Door, job: str) -> None:
    found = {table for table in OF_PEOPLE if door.ask(f"job:{job}", f"SELECT EXISTS (TABLE {table})")[0][0]}
    assert found == FINDS[job]


def test_a_job_that_nobody_listed_reads_nothing(door: Door) -> None:
    said = scope.said_by("job:anything")
    assert {
        table for table in OF_PEOPLE if door.ask_with(said, f"SELECT EXISTS (TABLE {table})")[0][0]
    } == set()


def test_an_auditors_job_finds_their_member_state_only(door: Door, owner: Ask) -> None:
    users = dict(owner("SELECT username, id FROM victimcare_user"))
    asked = (
        "SELECT DISTINCT o.member_state_id FROM cases_case c"
        " JOIN victimcare_organization o ON o.id = c.organization_id"
    )
    for who, states in (("auditor", [("AR",)]), ("supervisor", []), ("admin", [])):
        assert door.ask_with(scope.said_by(f"job:audit:{users[who]}"), asked) == states
    assert len(door.ask("job:audit", asked)) > 1


def test_a_job_of_a_page_says_who_asks(owner: Ask) -> None:
    class Reader:
        pk, is_authenticated = "somebody", True

    with acting.as_user(Reader()), acting.as_job("audit"):
        assert acting.name() == "job:audit:somebody"
        with acting.as_job("log"):
            assert acting.name() == "job:log:somebody"
    with acting.as_job("audit"):
        assert acting.name() == "job:audit"


def test_within_one_case_no_other_is_seen(door: Door, owner: Ask) -> None:
    """Of the cases opened to a user one by one; within somebody else's there is nothing."""
    [(worker,)] = owner("SELECT id FROM victimcare_user WHERE username = 'caseworker'")
    mine = [row[0] for row in door.ask("caseworker", "SELECT id FROM cases_case ORDER BY id")]
    others = "SELECT id FROM cases_case WHERE NOT id = ANY(%s::uuid[]) LIMIT 1"
    [(foreign,)] = owner(others, [mine])
    assert len(mine) > 1
    for table, column in (
        ("cases_case", "id"),
        ("cases_note", "case_id"),
        ("victimcare_step", "scope_case_id"),
    ):
        within = scope.said_by(f"user:{worker}:{mine[0]}")
        seen_there = {row[0] for row in door.ask_with(within, f"SELECT {column} FROM {table}")}
        assert seen_there - {None} <= {mine[0]}, table
        assert seen(door, scope.said_by(f"user:{worker}:{foreign}")) == 0
    assert door.ask_with(within, "SELECT id FROM cases_case") == [(mine[0],)]
