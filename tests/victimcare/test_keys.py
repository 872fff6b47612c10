"""Keys change under what they encrypt, and everybody reads on."""

import base64
import logging
import os

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cases.models import Note, Person
from tests import factories
from victimcare import actions, records
from victimcare.encryption import checking, keyring, renewal, rotation, second_factors, status
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.roots import LocalRootKeys, root_key
from victimcare.models import StateKey, SubjectKey


@pytest.fixture
def case(world):
    made = factories.case(world.team)
    Note.objects.create(
        case=made, subject_key_id=made.subject_key_id, kind="counselling", counselling_text="Canary"
    )
    records.change(made.person, by=None, surnames="Another")
    return made


@pytest.fixture(autouse=True)
def _no_key_is_remembered():
    """As another process: what this one unwrapped is forgotten."""
    keyring.state_cipher.cache_clear()
    yield
    keyring.state_cipher.cache_clear()


def reads(case):
    """Everything of the case, as the next request reads it."""
    with keyring.held():
        person = Person.objects.get(pk=case.person_id)
        past = [row.surnames for row in person.history.order_by("history_date")]
        notes = [note.counselling_text for note in Note.objects.filter(case=case)]
        return person.given_names, past, notes


def versions(case):
    key = SubjectKey.objects.get(pk=case.subject_key_id)
    return key.version, key.state_key.version, key.made_under


ALL = ("Ximena", ["Invented", "Another"], ["Canary"])


# -- A member state ------------------------------------------------------------------------------------------


def test_a_states_key_is_rotated_and_the_old_one_destroyed(world, case):
    state = world.agency.member_state
    before = reads(case)
    assert rotation.rotate_state(state)[0] == 2
    assert reads(case) == before
    assert versions(case) == (1, 2, 1)
    [one] = [one for one in status.states() if one.state == state.pk]
    assert (one.version, one.minimum, one.old_versions, one.under_old) == (2, 2, 0, 0)


def test_another_state_keeps_its_key(world, case):
    other = factories.case(world.team_br)
    rotation.rotate_state(world.agency.member_state)
    assert versions(other) == (1, 1, 1)


def test_a_rotation_that_was_killed_is_ended_first(world, case):
    state = world.agency.member_state
    newest = rotation._successor(state)
    other = factories.case(world.team)
    assert versions(case)[1] == 1
    assert versions(other)[1] == newest.version == 2
    assert rotation.rotate_state(state)[0] == 2
    assert versions(case)[1] == 2


def test_a_process_that_knows_the_old_key_finds_the_new_one(world, case):
    before = reads(case)  # the old key is unwrapped here now
    rotation.rotate_state(world.agency.member_state)
    assert reads(case) == before
    assert versions(factories.case(world.team)) == (1, 2, 2)


def test_who_read_the_key_before_the_rotation_ended_reads_on(world, case):
    row = keyring._stored().get(pk=case.subject_key_id)
    rotation.rotate_state(world.agency.member_state)
    keyring.state_cipher.cache_clear()
    assert keyring._open(row).version == 1


def test_an_old_key_that_was_put_back_is_refused(world, case):
    """By whoever kept a dump: the state's old key, and the person's key below it."""
    old = StateKey.objects.get(version=1, member_state=world.agency.member_state)
    key = SubjectKey.objects.get(pk=case.subject_key_id)
    rotation.rotate_state(world.agency.member_state)
    StateKey.objects.filter(pk=old.pk).update(wrapped=old.wrapped)
    SubjectKey.objects.filter(pk=key.pk).update(wrapped=key.wrapped, state_key=old)
    with pytest.raises(Unreadable):
        reads(case)


def test_nothing_comes_to_lie_under_a_destroyed_key(world, case):
    old = StateKey.objects.get(version=1, member_state=world.agency.member_state)
    rotation.rotate_state(world.agency.member_state)
    made = keyring.new_subject_key(world.agency)
    made.state_key = old
    with pytest.raises(DatabaseError), transaction.atomic():
        made.save(force_insert=True)


def test_a_state_without_a_key(world):
    with pytest.raises(CommandError, match="CA has no key yet"):
        call_command("keys", "rotate-state", "CA")
    with pytest.raises(CommandError, match="XX is no member state"):
        call_command("keys", "rotate-state", "XX")


# -- People --------------------------------------------------------------------------------------------------


def rotated(world):
    rotation.rotate_state(world.agency.member_state)
    return renewal.reencrypt(world.agency.member_state)


def test_people_get_new_keys_and_their_history_too(world, case):
    before = reads(case)
    assert rotated(world).keys == 1
    assert reads(case) == before
    assert versions(case) == (2, 2, 2)
    assert checking.check().wrong == []
    assert rotated_again(world) == 0


def rotated_again(world):
    return renewal.reencrypt(world.agency.member_state).keys


def test_no_byte_is_left_that_the_old_key_opens(world, case):
    def stored():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT given_names, surnames, mac FROM cases_person WHERE id = %s", [case.person_id]
            )
            now = cursor.fetchall()
            cursor.execute("SELECT surnames, mac FROM cases_historicalperson WHERE id = %s", [case.person_id])
            return {bytes(one) for row in [*now, *cursor.fetchall()] for one in row}

    before = stored()
    rotated(world)
    assert not before & stored()


def test_a_record_and_its_history_still_share_their_bytes(world, case):
    rotated(world)
    person = Person.objects.get(pk=case.person_id)
    first, last = person.history.order_by("history_date")
    assert person.__dict__["surnames"].blob == last.__dict__["surnames"].blob
    assert first.__dict__["given_names"].blob == last.__dict__["given_names"].blob


def test_who_read_the_row_before_reads_on(world, case):
    row, past = Person.objects.get(pk=case.person_id), Person.objects.get(pk=case.person_id).history.first()
    rotated(world)
    with keyring.held():
        assert (row.given_names, past.surnames) == ("Ximena", "Another")


def test_who_read_the_key_before_reads_on(world, case):
    with keyring.held():
        keyring.open_key(case.subject_key_id)
        rotated(world)
        assert Person.objects.get(pk=case.person_id).given_names == "Ximena"


def test_who_began_before_changes_it_after(world, case):
    with keyring.held():
        person = Person.objects.get(pk=case.person_id)
        assert person.given_names == "Ximena"
        rotated(world)
        records.change(person, by=None, revision=person.revision, given_names="Zuleika")
        note = Note.objects.create(
            case=case, subject_key_id=case.subject_key_id, kind="contact", text="After"
        )
    with keyring.held():
        assert Person.objects.get(pk=case.person_id).given_names == "Zuleika"
        assert Note.objects.get(pk=note.pk).text == "After"
    assert checking.check().wrong == []


def test_what_was_tampered_with_keeps_its_key_and_is_told(world, case, capsys):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_person SET surnames = NULL WHERE id = %s", [case.person_id])
    other = factories.case(world.team)
    rotation.rotate_state(world.agency.member_state)
    Person.objects.get(pk=other.person_id)
    with pytest.raises(CommandError, match=r"1 keys stay: something under them was changed"):
        call_command("keys", "reencrypt")
    assert versions(case) == (1, 2, 1)


def test_an_organisations_own_key_stays(world):
    own = actions.own_key(world.agency)
    rotated(world)
    assert SubjectKey.objects.get(pk=own.pk).version == 1


@pytest.mark.parametrize("column", ["given_names", "mac"])
def test_nobody_but_the_owner_puts_bytes_into_a_history(world, case, as_application, column):
    statement = f"UPDATE cases_historicalperson SET {column} = 'x'"
    with as_application(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_historicalperson SET revision = 9",
        "UPDATE cases_historicalperson SET given_names = NULL, history_type = '-'",
        "UPDATE cases_historicalperson SET history_date = now()",
        "DELETE FROM cases_historicalperson",
        "UPDATE victimcare_sealingkey SET wrapped = 'x'",
        "UPDATE victimcare_accessentry SET object_id = NULL",
    ],
)
def test_the_owner_changes_nothing_else_of_a_history_or_a_log(world, case, as_owner, statement):
    from victimcare.sealing import keys

    with as_owner():
        keys.current()
        refused = pytest.raises(DatabaseError, match="only ever added to")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# -- The root ------------------------------------------------------------------------------------------------


@pytest.fixture
def two_roots(monkeypatch):
    """`two_roots()` puts a new root key in place; the old one is still known."""
    old, new = bytes(range(32)), bytes(range(32, 64))
    known = [old]
    provider = LocalRootKeys(lambda: known)

    def changed(*keys):
        known[:] = keys or (new, old)
        provider._learn()

    root_key.cache_clear()
    monkeypatch.setattr("victimcare.encryption.roots.from_environment", lambda: provider)
    yield changed
    root_key.cache_clear()


def test_the_root_key_is_rotated(two_roots, world, case):
    factor = Authenticator.objects.create(
        user=world.caseworker, type="totp", data={"secret": second_factors.wrapped("ABCD")}
    )
    before = reads(case)
    two_roots()
    assert sum(one.other_root for one in status.states()) == 1
    call_command("keys", "rotate-root")
    two_roots(bytes(range(32, 64)))
    keyring.state_cipher.cache_clear()
    assert reads(case) == before
    factor.refresh_from_db()
    assert second_factors.unwrapped(factor.data["secret"]) == "ABCD"
    assert sum(one.other_root for one in status.states()) == 0
    assert rotation.rotate_root() == (0, 0)


# -- What is said --------------------------------------------------------------------------------------------


def test_no_key_is_in_what_is_said(world, case, caplog, capsys, monkeypatch):
    """Every key that is made while all is rotated, and the root key, in any form."""
    made = [base64.b64decode(os.environ.get("VICTIMCARE_ROOT_KEY", "")) or bytes(range(32))]
    random = os.urandom

    def remembered(size):
        made.append(random(size))
        return made[-1]

    monkeypatch.setattr(os, "urandom", remembered)
    with caplog.at_level(logging.DEBUG):
        for verb in ("status", "check", "rotate-root", "reencrypt"):
            call_command("keys", verb)
        call_command("keys", "rotate-state", "AR")
        call_command("keys", "reencrypt", "--state", "AR")
        with pytest.raises(Unreadable) as caught:
            keyring.unwrap(keyring.state_cipher(_newest().pk), b"x" * 60, b"context")
    opened = keyring.open_key(case.subject_key_id)
    told = capsys.readouterr()
    said = caplog.text + told.out + told.err + repr(opened) + str(vars(opened).keys()) + repr(caught.value)
    keys = [one for one in made if len(one) == 32]
    assert len(keys) > 2
    for key in keys:
        assert not any(form in said for form in (key.hex(), base64.b64encode(key).decode(), repr(key)))


def _newest():
    return StateKey.objects.filter(member_state="AR").order_by("-version")[0]


# -- The command ---------------------------------------------------------------------------------------------


def test_status_and_check_say_what_there_is(world, case, capsys):
    call_command("keys", "status")
    call_command("keys", "check")
    told = capsys.readouterr().out
    assert "0 old versions left." in told
    assert "rows are as they were written" in told
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_person SET revision = 9")
    with pytest.raises(CommandError, match="rows were changed past the product"):
        call_command("keys", "check")
    assert f"Changed past the product: cases.Person {case.person_id}" in capsys.readouterr().out
