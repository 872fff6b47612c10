"""A member state's key is changed in parts; nothing is destroyed while something lies under it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from victimcare.encryption import keyring, rotation
from victimcare.models import MemberState, StateKey, SubjectKey


@pytest.fixture
def people(world):
    return [factories.subject_key(world.agency) for _number in range(5)]


@pytest.fixture
def slept(monkeypatch):
    found = []
    monkeypatch.setattr(rotation.time, "sleep", found.append)
    return found


def test_all_are_moved_in_parts_and_open_as_before(world, people, slept, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    before = [keyring.open_key(one.pk).derived("fields") for one in people]
    assert rotation.rotate_state(world.state) == (2, 5)
    with keyring.held():
        assert [keyring.open_key(one.pk).derived("fields") for one in people] == before
    assert rotation.rotate_state(world.state) == (3, 5)
    assert slept == []


def test_what_is_being_written_is_waited_for(world, people, slept, monkeypatch):
    """Locked by somebody else for two rounds: nothing is taken then."""
    real, rounds = rotation._move_some, []

    def some(old, newest):
        rounds.append(newest)
        return real(old, newest) if len(rounds) > 2 else 0

    monkeypatch.setattr(rotation, "_move_some", some)
    assert rotation.rotate_state(world.state) == (2, 5)
    assert slept == [rotation.PAUSE] * 2


def test_nothing_is_destroyed_while_something_lies_under_it(world, people):
    [old] = StateKey.objects.filter(member_state="AR")
    newest = rotation._successor(world.state)
    assert rotation._destroyed([old.pk], newest) is False
    old.refresh_from_db()
    assert old.wrapped is not None
    assert MemberState.objects.get(pk="AR").minimum_key_version == 1
    rotation._move_some([old.pk], newest)
    assert rotation._destroyed([old.pk], newest) is True
    old.refresh_from_db()
    assert old.wrapped is None
    assert MemberState.objects.get(pk="AR").minimum_key_version == 2
    assert StateKey.objects.get(pk=newest.pk).wrapped is not None


def test_what_came_under_an_old_key_while_it_was_locked_is_seen(world, people, monkeypatch):
    """Whoever made something under it held it until then."""
    [old] = StateKey.objects.filter(member_state="AR")
    newest = rotation._successor(world.state)
    rotation._move_some([old.pk], newest)
    real = StateKey.objects.select_for_update

    def locked():
        SubjectKey.objects.filter(pk=people[0].pk).update(state_key=old)
        return real()

    monkeypatch.setattr(StateKey.objects, "select_for_update", locked)
    assert rotation._destroyed([old.pk], newest) is False
    assert StateKey.objects.get(pk=old.pk).wrapped is not None


def test_an_old_key_is_locked_before_it_is_destroyed(world, people):
    with CaptureQueriesContext(connection) as asked:
        rotation.rotate_state(world.state)
    locks = [
        at
        for at, one in enumerate(asked)
        if 'FROM "victimcare_statekey"' in one["sql"] and "FOR UPDATE" in one["sql"]
    ]
    ends = [at for at, one in enumerate(asked) if one["sql"].find('UPDATE "victimcare_statekey"') >= 0]
    assert locks
    assert ends
    assert locks[-1] < ends[-1]


def test_a_rotation_leaves_the_keys_of_other_states(world, people):
    other = factories.subject_key(world.agency_br)
    rotation.rotate_state(world.state)
    assert SubjectKey.objects.get(pk=other.pk).state_key.version == 1
    assert StateKey.objects.get(member_state="BR").wrapped is not None
    assert MemberState.objects.get(pk="BR").minimum_key_version == 1
