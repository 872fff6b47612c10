"""Statements that the database plans once a connection: one plan serves everybody and shows each only theirs,
and where the connection is not ours alone nothing is kept.
"""

from contextlib import contextmanager, nullcontext
from uuid import UUID

import psycopg2.extensions
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
    """A connection as libpq tells of it; one on which names are `shown` says so."""

    def __init__(self, told: int, *, shown: bool = False) -> None:
        self.info = self
        self.backend_pid, self.shown = told, shown

    @contextmanager
    def cursor(self):
        yield self

    def execute(self, sql):
        assert sql == planned.SHOWN

    def fetchall(self):
        return [(connection.connection.info.backend_pid, self.shown)]


def _names():
    names = planned.names_on(connection)
    assert names is not None
    return names


@pytest.fixture
def sent(monkeypatch):
    """Every message to the database as it goes out, past Django too."""
    messages: list[str] = []

    class Heard(psycopg2.extensions.cursor):
        def execute(self, *args):
            super().execute(*args)
            messages.append(self.query.decode())

    monkeypatch.setattr(connection.connection, "cursor_factory", Heard)
    return messages


def test_it_is_planned_the_first_time_and_its_plan_used_from_then_on(sent):
    user = factories.user()
    query = Prepared(lambda user: User.objects.filter(pk=user).exclude(username="asked here"), user=UUID)
    sent.clear()
    assert [query(user=user.pk) for _ in range(3)] == [[user]] * 3
    assert ["PREPARE" in message for message in sent] == [True, False, False, False]
    assert all("EXECUTE" in message for message in sent[1:])


def test_what_the_database_keeps_says_neither_who_asked_first_nor_what(world, sent):
    """It keeps the message, a scope in it would be good for a minute, and the connection stays."""
    query = Prepared(lambda user: User.objects.filter(pk=user).exclude(username="read here"), user=UUID)
    with acting.as_user(world.caseworker):
        assert query(user=world.caseworker.pk) == [world.caseworker]
    [kept] = [message for message in sent if "PREPARE" in message]
    assert "read here" in kept
    assert "app.scope" not in kept
    assert str(world.caseworker.pk) not in kept


def test_nobody_reads_the_names_of_what_is_kept(world):
    """Under a name that is known injected SQL could put something else, to run as whoever is next."""
    with acting.as_user(world.caseworker), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute("SELECT name FROM pg_prepared_statements")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute("GRANT EXECUTE ON FUNCTION pg_prepared_statement() TO PUBLIC")


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


def test_a_statement_that_failed_keeps_its_plan():
    user = factories.user()
    statement = Statement("SELECT 1 / (SELECT count(*) FROM victimcare_user WHERE id = %s)", [("user", None)])
    kept = set()
    for value, fails in ((user.pk, False), (UUID(int=0), True), (user.pk, False)):
        with pytest.raises(DatabaseError) if fails else nullcontext(), transaction.atomic():
            assert statement.rows({"user": value}) == [(1,)]
        kept.add(_names()[statement.key])
    assert len(kept) == 1


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


def test_nothing_is_kept_behind_a_pooler_or_where_names_are_shown():
    """A pooler is known by the number that it tells."""
    own = connection.connection.info.backend_pid
    assert planned.may_keep(Raw(own))
    assert not planned.may_keep(Raw(own + 1))
    assert not planned.may_keep(Raw(own, shown=True))


def test_the_database_says_whether_names_are_shown(monkeypatch):
    monkeypatch.setattr(planned, "SHOWN", planned.SHOWN.replace("pg_prepared_statement", "pg_cursor"))
    assert not planned.may_keep(connection.connection)


def test_after_a_column_got_another_type_it_is_planned_anew():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE places (name text); GRANT ALL ON places TO PUBLIC")
        statement = Statement("SELECT 1 FROM places WHERE name = %s", [("name", None)])
        assert statement.rows({"name": str(UUID(int=1))}) == []
        cursor.execute("ALTER TABLE places ALTER name TYPE uuid USING name::uuid")
        with pytest.raises(DatabaseError, match="operator does not exist"), transaction.atomic():
            statement.rows({"name": str(UUID(int=1))})
        assert statement.rows({"name": str(UUID(int=1))}) == []
