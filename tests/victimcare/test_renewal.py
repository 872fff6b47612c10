"""People's keys are renewed in batches; what is busy is left for later, what was tampered with stays."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from cases.models import Person
from tests import factories
from victimcare.encryption import renewal, rotation
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.renewal import Renewed
from victimcare.models import SubjectKey


@pytest.fixture
def state(world):
    """Of five people whose keys are older than the state's."""
    for _number in range(5):
        factories.subject_key(world.agency)
    rotation.rotate_state(world.agency.member_state)
    return world.agency.member_state


@pytest.fixture
def slept(monkeypatch):
    """Nothing waits; how long it would have."""
    found = []
    monkeypatch.setattr(renewal.time, "sleep", found.append)
    return found


@pytest.fixture
def hindered(monkeypatch):
    """`hindered(raised)` asks `raised(ids)` before each batch is renewed; returns the batches."""
    real, batches = renewal._renew, []

    def begin(raised):
        def renew(state, ids):
            batches.append(list(ids))
            if error := raised(batches[-1]):
                raise error
            return real(state, ids)

        monkeypatch.setattr(renewal, "_renew", renew)
        return batches

    return begin


def test_all_are_renewed_in_batches(state, slept, hindered, monkeypatch):
    monkeypatch.setattr(renewal, "BATCH", 2)
    batches = hindered(lambda ids: None)
    assert renewal.reencrypt(state) == Renewed(keys=5)
    assert [len(ids) for ids in batches] == [2, 2, 1]
    asked = [pk for ids in batches for pk in ids]
    assert asked == sorted(set(asked))
    assert slept == []
    assert not renewal.older(state).exists()


def test_what_is_busy_all_the_time_is_told_and_left(state, slept, hindered, monkeypatch):
    monkeypatch.setattr(renewal, "ROUNDS_WITHOUT_PROGRESS", 3)
    hindered(lambda ids: OperationalError("busy"))
    assert renewal.reencrypt(state) == Renewed(busy=5)
    assert slept == [renewal.PAUSE] * 3
    assert renewal.older(state).count() == 5


def test_progress_begins_the_waiting_anew(state, slept, hindered, monkeypatch):
    """One key more is free after each second round: never three rounds without progress."""
    monkeypatch.setattr(renewal, "ROUNDS_WITHOUT_PROGRESS", 3)
    order = list(renewal.older(state).order_by("pk").values_list("pk", flat=True))

    def busy(ids):
        free = order[: len(slept) // 2]
        return None if set(ids) <= set(free) else OperationalError("busy")

    hindered(busy)
    assert renewal.reencrypt(state) == Renewed(keys=5)
    assert len(slept) == 10


def test_one_that_was_tampered_with_stays_and_all_others_are_renewed(state, slept, hindered):
    spoilt = renewal.older(state).order_by("pk")[3].pk
    batches = hindered(lambda ids: Unreadable() if spoilt in ids else None)
    assert renewal.reencrypt(state) == Renewed(keys=4, unreadable=1)
    assert [len(ids) for ids in batches] == [5, 2, 3, 1, 2, 1, 1]
    assert list(renewal.older(state)) == [SubjectKey.objects.get(pk=spoilt)]
    assert slept == []


def test_older_keys_are_those_of_this_state_only(world, state):
    factories.subject_key(world.agency_br)
    assert renewal.older(state).count() == 5
    assert not renewal.older(world.agency_br.member_state).exists()
    assert not renewal.older(factories.organization("CA").member_state).exists()


def test_a_renewal_locks_keys_and_rows_for_moments_and_touches_no_others(world):
    person, other = factories.person(world.agency), factories.person(world.agency)
    rotation.rotate_state(world.agency.member_state)
    before = Person.objects.get(pk=other.pk).__dict__["mac"]
    with CaptureQueriesContext(connection) as asked:
        assert renewal._renew(world.agency.member_state, [person.subject_key_id]) == 1
    said = [one["sql"] for one in asked]
    assert any(f"set_config('lock_timeout', '{renewal.LOCK_TIMEOUT}', true)" in sql for sql in said)
    for table in ("victimcare_subjectkey", "cases_person", "cases_historicalperson"):
        assert any(f'FOR NO KEY UPDATE OF "{table}"' in sql for sql in said), table
    assert Person.objects.get(pk=other.pk).__dict__["mac"] == before
    renewed, kept = (SubjectKey.objects.get(pk=one.subject_key_id) for one in (person, other))
    assert (renewed.version, renewed.made_under, kept.version, kept.made_under) == (2, 2, 1, 1)


def test_what_apps_keep_beside_is_told_the_new_keys(world, monkeypatch):
    told = []
    monkeypatch.setattr(renewal, "_beside", [])
    renewal.add_beside(lambda keys: told.append({pk: key.version for pk, key in keys.items()}))
    made = factories.subject_key(world.agency)
    rotation.rotate_state(world.agency.member_state)
    renewal.reencrypt(world.agency.member_state)
    assert told == [{made.pk: 2}]
