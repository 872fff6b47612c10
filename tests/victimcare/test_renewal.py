"""People's keys are renewed in batches; what is busy is left for later, what was tampered with stays."""

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from cases import cards, tokens
from cases.models import NameCard, Person
from tests import factories
from victimcare.encryption import checking, renewal, rotation
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.renewal import Renewed
from victimcare.models import OrganizationKey, SubjectKey


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


def test_what_search_keeps_is_moved_below_a_new_key_and_the_old_one_goes(world):
    person = factories.person(world.agency)
    tokens.keep(person)
    before = NameCard.objects.get()
    said = said_by(before)
    rotation.rotate_state(world.agency.member_state)
    assert renewal.reencrypt(world.agency.member_state) == Renewed(keys=2)
    after, own = NameCard.objects.get(), OrganizationKey.objects.get()
    assert (own.search_key_id, own.search_key_before) == (after.subject_key_id, None)
    assert not SubjectKey.objects.filter(pk=before.subject_key_id).exists()
    assert said_by(after) == said


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_process_that_knew_the_key_before_writes_under_the_new_one(world, forgotten):
    person, later = factories.person(world.agency), factories.person(world.agency)
    tokens.keep(person)
    rotation.rotate_state(world.agency.member_state)
    renewal.reencrypt(world.agency.member_state)
    if forgotten:
        cards._key.cache_clear()
    tokens.keep(later)
    assert {card.subject_key_id for card in NameCard.objects.all()} == {
        OrganizationKey.objects.get().search_key_id
    }


def said_by(card):
    [(_person, said)] = cards.opened([(str(card.subject_key_id), cards.packed(card.pk, card.card))])
    return said


def test_a_renewal_of_search_that_was_cut_off_goes_on(world, monkeypatch):
    """Killed while cards were moved: it makes no third key, and takes up what is left."""
    people = [factories.person(world.agency) for _number in range(3)]
    for person in people:
        tokens.keep(person)
    monkeypatch.setattr(cards, "RESEALED_AT_ONCE", 1)
    own = OrganizationKey.objects.get()
    renewal._succeed(own)
    cards._resealed(own.search_key_before_id, own.search_key_id, None)
    assert NameCard.objects.filter(subject_key=own.search_key_before).count() == 2
    assert len({said_by(card) for card in NameCard.objects.all()}) == 1
    assert renewal.reencrypt(world.agency.member_state) == Renewed(keys=1)
    assert {card.subject_key_id for card in NameCard.objects.all()} == {own.search_key_id}
    assert not SubjectKey.objects.filter(pk=own.search_key_before_id).exists()
    assert renewal.reencrypt(world.agency.member_state) == Renewed()


def test_what_is_written_under_the_old_key_meanwhile_is_moved_too(world, monkeypatch):
    """Somebody held the old key before it was followed by another, and writes after the first pass."""
    first, late = factories.person(world.agency), factories.person(world.agency)
    tokens.keep(first)
    old, real = OrganizationKey.objects.get().search_key_id, cards.reseal
    rounds = []

    def written_late(before, after):
        real(before, after)
        rounds.append(before)
        if len(rounds) == 1:
            sealed = cards.sealed(late.pk, "late|||1990|", old)
            NameCard.objects.create(person=late, subject_key_id=old, card=sealed)

    monkeypatch.setattr(renewal, "_searched", [written_late])
    rotation.rotate_state(world.agency.member_state)
    renewal.reencrypt(world.agency.member_state)
    assert rounds == [old, old]
    assert said_by(NameCard.objects.get(person=late)) == "late|||1990|"


def test_a_name_card_that_was_tampered_with_stops_no_other_organisation(world, slept, as_owner):
    """It is named, and made anew like any other card; then the key before goes."""
    neighbour = factories.organization("AR")
    person, other = factories.person(world.agency), factories.person(neighbour)
    for one in (person, other):
        tokens.keep(one)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_namecard SET card = set_byte(card, 20, get_byte(card, 20) # 1)"
            " WHERE person_id = %s",
            [person.pk],
        )
    rotation.rotate_state(world.agency.member_state)
    assert renewal.reencrypt(world.agency.member_state) == Renewed(keys=3, unreadable=1)
    own = {one.organization: one for one in OrganizationKey.objects.all()}
    assert own[world.agency].search_key_before is not None
    assert own[neighbour].search_key_before is None
    assert f"cases.NameCard {person.pk}" in checking.check().wrong
    with pytest.raises(CommandError, match="rebuild_search"):
        call_command("keys", "reencrypt")
    tokens.keep(person)
    assert renewal.reencrypt(world.agency.member_state) == Renewed(keys=1)
    assert checking.check().wrong == []


def test_a_search_that_is_busy_all_the_time_is_told_and_left(world, slept, monkeypatch):
    tokens.keep(factories.person(world.agency))
    rotation.rotate_state(world.agency.member_state)
    monkeypatch.setattr(renewal, "ROUNDS_WITHOUT_PROGRESS", 3)
    monkeypatch.setattr(renewal, "_searched", [])
    assert renewal.reencrypt(world.agency.member_state) == Renewed(keys=1, busy=1)
    assert slept == [renewal.PAUSE] * 3
