"""Statements that the database plans once a connection: one plan serves everybody and shows each only theirs,
and where the connection is not ours alone nothing is kept.
"""

from contextlib import nullcontext
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.models.cases import SEEN_BY, seen_by
from tests import factories
from victimcare import acting, planned
from victimcare.models import User
from victimcare.planned import Statement
from victimcare.prepared import Prepared

pytestmark = pytest.mark.django_db


class Raw:
    """A connection as libpq tells of it."""

    def __init__(self, told: int) -> None:
        self.info = self
        self.backend_pid = told

    def cursor(self):
        return connection.connection.cursor()


def _names():
    names = planned.names_on(connection)
    assert names is not None
    return names


def _planned():
    """The words of what the database has planned on this connection, as anybody on it may read them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [words for (words,) in cursor.fetchall()]


def test_it_is_planned_the_first_time_and_its_plan_used_from_then_on():
    user, before = factories.user(), len(_planned())
    query = Prepared(lambda user: User.objects.filter(pk=user).exclude(username="asked here"), user=UUID)
    with CaptureQueriesContext(connection) as asked:
        assert [query(user=user.pk) for _ in range(3)] == [[user]] * 3
    assert all("EXECUTE" in one["sql"] for one in asked.captured_queries)
    assert len(asked) == 3
    assert len(_planned()) == before + 1


def test_who_comes_later_reads_there_neither_who_asked_first_nor_what(world):
    """A scope is good for a minute, and the connection stays: an injected statement would act as them."""
    query = Prepared(lambda user: User.objects.filter(pk=user).exclude(username="read here"), user=UUID)
    with acting.as_user(world.caseworker):
        assert query(user=world.caseworker.pk) == [world.caseworker]
    with acting.as_user(world.caseworker2):
        told = _planned()
    assert any("read here" in words for words in told)
    assert not [words for words in told if "app.scope" in words or str(world.caseworker.pk) in words]


def test_one_plan_shows_each_only_their_own(world):
    """More often than the database would plan for given values; without any filter of the first wall."""
    own = {
        world.caseworker: world.case,
        world.caseworker2: factories.case(world.other_team, world.caseworker2),
    }
    everything = Prepared(lambda status: Case.objects.filter(status=status), status=str)
    for _ in range(8):
        for worker, case in own.items():
            with acting.as_user(worker):
                assert everything(status=case.status) == [case]
        with acting.as_user(world.provider):
            assert everything(status=world.case.status) == []


def test_whoever_acts_now_is_asked_not_who_acted_when_it_was_planned(world):
    case = world.case
    query = Prepared(lambda **seen: Case.objects.seen(**seen), **SEEN_BY)
    with acting.as_user(world.caseworker):
        seen = seen_by(world.caseworker)
        assert query(**seen) == [case]
    with acting.as_user(world.caseworker2):
        assert query(**seen) == []


def test_a_statement_that_failed_is_sent_whole_again():
    user = factories.user()
    statement = Statement("SELECT 1 / (SELECT count(*) FROM victimcare_user WHERE id = %s)", [("user", None)])
    for value, fails in ((UUID(int=0), True), (user.pk, False), (UUID(int=0), True), (user.pk, False)):
        with pytest.raises(DatabaseError) if fails else nullcontext(), transaction.atomic():
            assert statement.rows({"user": value}) == [(1,)]
    assert statement.key in _names()


def test_constants_are_written_into_it():
    user = factories.user()
    params = [("", "50 %"), ("user", None)]
    statement = Statement("SELECT %s || id::text FROM victimcare_user WHERE id = %s", params)
    for _ in range(2):
        assert statement.rows({"user": user.pk}) == [(f"50 %{user.pk}",)]


def test_two_that_differ_in_a_constant_alone_have_each_its_own_plan():
    said = "SELECT %s || '', %s::int"
    one, other = (Statement(said, [("", word), ("n", None)]) for word in ("one", "other"))
    for _ in range(2):
        assert one.rows({"n": 1}) == [("one", 1)]
        assert other.rows({"n": 2}) == [("other", 2)]


def test_after_a_migration_it_is_planned_anew():
    """A column that was made wider: what was planned before is refused from then on."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE places (name varchar(8)); GRANT ALL ON places TO PUBLIC")
        statement = Statement("SELECT name FROM places WHERE name <> %s", [("name", None)])
        assert statement.rows({"name": "x"}) == []
        cursor.execute("ALTER TABLE places ALTER name TYPE varchar(16)")
        with pytest.raises(DatabaseError, match="result type"), transaction.atomic():
            statement.rows({"name": "x"})
        assert statement.rows({"name": "x"}) == []


def test_it_may_have_no_values():
    statement = Statement("SELECT %s, 1", [("", "50 %")])
    for _ in range(2):
        assert statement.rows({}) == [("50 %", 1)]


def test_behind_a_pooler_nothing_is_kept(monkeypatch):
    user = factories.user()
    query = Prepared(lambda user: User.objects.filter(pk=user), user=UUID)
    monkeypatch.setattr(planned, "_names", {})
    with CaptureQueriesContext(connection) as asked:
        assert [query(user=user.pk) for _ in range(2)] == [[user]] * 2
    assert not [one for one in asked.captured_queries if "EXECUTE" in one["sql"]]


def test_a_pooler_is_known_by_the_number_that_it_tells():
    own = connection.connection.info.backend_pid
    assert planned.is_direct(Raw(own))
    assert not planned.is_direct(Raw(own + 1))
