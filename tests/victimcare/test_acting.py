"""Who acts, as the database is told it."""

import hashlib

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from tests.factories import World
from victimcare import acting, environment, scope


def test_who_is_signed_in_acts_inside_the_block_and_nobody_after_it(world: World) -> None:
    me, other = world.caseworker, world.supervisor
    with acting.as_user(me):
        assert (acting.user(), acting.name()) == (me, f"user:{me.pk}")
        with acting.as_user(other):
            assert acting.user() == other
        assert acting.user() == me
    assert (acting.user(), acting.name()) == (None, "")


@pytest.mark.parametrize("somebody", [None, AnonymousUser()])
def test_who_is_not_signed_in_is_nobody(somebody: AnonymousUser | None) -> None:
    with acting.as_user(somebody):
        assert (acting.user(), acting.name()) == (None, "")


def test_a_job_is_no_user_and_says_who_asked_for_it(world: World) -> None:
    with acting.as_job("expiry"):
        assert (acting.user(), acting.name()) == (None, "job:expiry")
    with acting.as_user(world.admin), acting.as_job("departure"):
        assert (acting.user(), acting.name()) == (None, f"job:departure:{world.admin.pk}")
    with acting.as_user(None), acting.as_job("queue"):
        assert acting.name() == "job:queue"


def test_a_job_that_is_not_listed_does_not_act() -> None:
    with pytest.raises(ValueError, match="no job"), acting.as_job("anything"):
        pass
    assert acting.name() == ""


def test_a_record_is_named_inside_its_block_only(world: World) -> None:
    case, me, other = world.case, world.caseworker, world.supervisor
    with acting.as_user(me):
        with acting.within(case.pk):
            assert acting.name() == f"user:{me.pk}:{case.pk}"
            with acting.as_user(other):
                assert acting.name() == f"user:{other.pk}"
            assert acting.name() == f"user:{me.pk}:{case.pk}"
        assert acting.name() == f"user:{me.pk}"


def test_nobody_has_no_scope_and_each_actor_one_of_their_own() -> None:
    assert scope.said_by("") == ""
    said = scope.said_by("user:1")
    assert said.split("|")[0] == "user:1"
    assert said.split("|")[2] != scope.said_by("user:2").split("|")[2]


def test_the_database_finds_the_signature_with_the_pads_of_the_key() -> None:
    """Its functions hash twice, as RFC 2104 says."""
    said, _bar, signature = scope.sign("user:1", 1_800_000_000).rpartition("|")
    inner, outer = scope.pads()
    assert {len(inner), len(outer)} == {scope.BLOCK_BYTES}
    once = hashlib.sha256(inner + said.encode()).digest()
    assert hashlib.sha256(outer + once).hexdigest() == signature


class Connection:
    def __init__(self, alias: str = "default") -> None:
        self.alias, self.execute_wrappers = alias, list[object]()


@pytest.mark.parametrize(
    ("alias", "is_owner", "wrapped"),
    [("default", False, True), ("default", True, False), ("other", False, False)],
)
def test_each_connection_of_the_application_says_who_acts(
    monkeypatch: pytest.MonkeyPatch, alias: str, is_owner: bool, wrapped: bool
) -> None:
    monkeypatch.setattr(environment, "acts_as_owner", lambda: is_owner)
    made = Connection(alias)
    scope.install(made)  # type: ignore[arg-type]  # what it asks of a connection
    scope.install(made)  # type: ignore[arg-type]  # the same
    assert made.execute_wrappers == ([scope.scoped] if wrapped else [])


def said_before(sql: str) -> str:
    """The statement as the database gets it."""
    return scope.scoped(lambda sql, *_rest: sql, sql, None, False, {})


def test_a_statement_comes_with_the_scope_of_who_acts(world: World) -> None:
    said = scope.said_by(f"user:{world.caseworker.pk}")
    with acting.as_user(world.caseworker):
        before, statement = said_before("SELECT 1").split("; ")
        assert (f"'{said}'" in before, statement) == (True, "SELECT 1")
    before, statement = said_before("SELECT 1").split("; ")
    assert (said in before, "''" in before, statement) == (False, True, "SELECT 1")
    assert said_before("ROLLBACK TO SAVEPOINT x") == "ROLLBACK TO SAVEPOINT x"


def test_a_statement_answers_behind_the_scope(world: World) -> None:
    case = world.case
    for who, found in ((world.caseworker, 1), (world.caseworker2, 0)):
        with acting.as_user(who), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM cases_case WHERE id = %s", [case.pk])
            assert cursor.fetchone() == (found,)
