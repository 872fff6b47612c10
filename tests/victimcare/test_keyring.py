"""Subject keys are fetched together, held for one request, and held fast while a new row is made."""

import pytest
from django.utils import timezone

from tests import factories
from victimcare.encryption import keyring, renewal, rotation
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.keyring import StateKeyGone, SubjectErased
from victimcare.models import StateKey, SubjectKey


@pytest.fixture
def keys(world):
    return [factories.subject_key(world.agency).pk for _number in range(3)]


@pytest.fixture
def no_ring():
    """Outside of every block."""
    token = keyring._ring.set(None)
    yield
    keyring._ring.reset(token)


def erase(world, key):
    SubjectKey.objects.filter(pk=key).update(
        wrapped=None, destroyed_at=timezone.now(), destroyed_by=world.admin
    )


def test_a_key_is_new_until_its_transaction_ends(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        made = factories.subject_key(world.agency)
        assert keyring.open_key(made.pk).is_new is True
    assert keyring.open_key(made.pk).is_new is False


def test_a_new_row_holds_the_key_unless_the_same_transaction_made_it(keys, django_assert_num_queries):
    with django_assert_num_queries(0):
        made = keyring.key_for_new(keys[0])
    with keyring.held():
        with django_assert_num_queries(2):
            found = keyring.key_for_new(keys[0])
        with django_assert_num_queries(1) as asked:
            assert keyring.key_for_new(keys[0]) is found
        assert "app.hold_subject_key" in asked[0]["sql"]
    assert (found.version, found.is_new) == (1, False)
    assert found.derived("fields") == made.derived("fields")


def test_a_new_row_gets_the_key_that_was_renewed_since(world, keys):
    with keyring.held():
        assert keyring.open_key(keys[0]).version == 1
        rotation.rotate_state(world.agency.member_state)
        renewal.reencrypt(world.agency.member_state)
        assert keyring.open_key(keys[0]).version == 1
        assert keyring.key_for_new(keys[0]).version == 2
        assert keyring.open_key(keys[0]).version == 2


def test_who_was_erased_has_no_key_for_anything(world, keys):
    erase(world, keys[0])
    for ask in (keyring.open_key, keyring.key_for_new):
        with keyring.held(), pytest.raises(SubjectErased, match="erased"):
            ask(keys[0])


def test_a_page_fetches_its_keys_at_once_and_no_others(world, keys, django_assert_num_queries):
    erase(world, keys[2])
    with keyring.held():
        keyring.state_cipher(SubjectKey.objects.get(pk=keys[0]).state_key_id)
        with django_assert_num_queries(1):
            keyring.preload_keys([keys[0], keys[2]])
        with django_assert_num_queries(0):
            keyring.open_key(keys[0])
        with django_assert_num_queries(1):
            keyring.open_key(keys[1])


def test_keys_are_forgotten_at_the_end_of_their_block(keys, django_assert_num_queries):
    with keyring.held():
        with keyring.held():
            keyring.open_key(keys[0])
        with django_assert_num_queries(1):
            keyring.open_key(keys[0])
        with django_assert_num_queries(0):
            keyring.open_key(keys[0])


@pytest.mark.usefixtures("no_ring")
def test_without_a_block_each_key_is_fetched_each_time(world, django_assert_num_queries):
    made = factories.subject_key(world.agency)
    keyring.preload_keys([made.pk])
    for _time in range(2):
        with django_assert_num_queries(1):
            assert keyring.open_key(made.pk).version == 1
    assert keyring.key_for_new(made.pk).version == 1


def test_a_key_may_be_given_its_number(world, keys):
    number = factories.subject_key(world.agency).pk
    made = keyring.new_subject_key(world.agency, key_id=number)
    assert (made.pk, made.version) == (number, 1)
    assert keyring.new_subject_key(world.agency).pk not in {number, *keys}


def test_a_key_derives_each_purpose_once(keys):
    key = keyring.open_key(keys[0])
    assert key.cipher("fields") is key.cipher("fields")
    assert key.cipher("fields") is not key.cipher("counselling")
    assert key.derived_row() is key.derived_row()


# -- While a state's key changes -----------------------------------------------------------------------------


def test_of_two_processes_that_make_a_states_first_key_one_wins(world, keys, monkeypatch):
    """This one looked before the other had made it."""
    real, answers = keyring._hold_newest, [None]
    monkeypatch.setattr(keyring, "_hold_newest", lambda state: answers.pop() if answers else real(state))
    found = keyring.current_state_key(world.agency.member_state)
    assert found == StateKey.objects.get(member_state="AR")


def test_each_key_that_was_read_before_a_rotation_opens_as_itself(world, keys):
    before = [keyring.open_key(pk).derived("fields") for pk in keys]
    rows = [keyring._stored().get(pk=pk) for pk in keys]
    rotation.rotate_state(world.agency.member_state)
    keyring.state_cipher.cache_clear()
    assert [keyring._open(row).derived("fields") for row in rows] == before


def test_a_key_whose_states_key_is_gone_is_not_read(world, keys):
    StateKey.objects.filter(member_state="AR").update(wrapped=None)
    keyring.state_cipher.cache_clear()
    with keyring.held(), pytest.raises(Unreadable):
        keyring.open_key(keys[0])


def test_a_states_key_is_accepted_until_the_next_took_its_place(world, keys):
    old = StateKey.objects.get(member_state="AR")
    assert keyring.accepted_state_cipher(old.pk)
    rotation.rotate_state(world.agency.member_state)
    keyring.state_cipher.cache_clear()
    with pytest.raises(StateKeyGone):
        keyring.accepted_state_cipher(old.pk)
    StateKey.objects.filter(pk=old.pk).update(wrapped=old.wrapped)
    with pytest.raises(Unreadable):
        keyring.accepted_state_cipher(old.pk)
