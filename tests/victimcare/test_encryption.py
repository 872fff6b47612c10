"""What is stored is ciphertext, bound to its place; what is read is what was written."""

import uuid

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cases.models import Note, Person
from tests import factories
from victimcare import acting, records
from victimcare.encryption import checking, keyring
from victimcare.encryption.ciphers import Place, Unreadable, seal, unseal
from victimcare.encryption.dates import PartialDate
from victimcare.encryption.sealed import encrypted_fields
from victimcare.models import SubjectKey

CANARY = "Zuleika Canary"


def raw(table: str, column: str, key: uuid.UUID) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM {table} WHERE id = %s', [key])
        return bytes(cursor.fetchone()[0])


def test_field_reads_back_and_is_ciphertext_in_the_table_and_in_history(world):
    made = factories.person(world.agency, given_names=CANARY)
    assert Person.objects.get(pk=made.pk).given_names == CANARY
    stored = raw("cases_person", "given_names", made.pk)
    assert CANARY.encode() not in stored
    assert raw("cases_historicalperson", "given_names", made.pk) == stored


def test_history_reads_back(world):
    made = factories.person(world.agency, given_names=CANARY)
    records.change(made, by=None, given_names="Another")
    assert [row.given_names for row in made.history.order_by("history_date")] == [CANARY, "Another"]


def test_untouched_fields_keep_their_bytes_when_another_is_saved(world):
    made = factories.person(world.agency, given_names=CANARY, surnames="Before")
    before = raw("cases_person", "given_names", made.pk)
    records.change(made, by=None, surnames="After")
    assert raw("cases_person", "given_names", made.pk) == before


@pytest.mark.parametrize("target", ["other row", "other column", "other table"])
def test_value_moved_elsewhere_is_unreadable(world, as_owner, target):
    one = factories.person(world.agency, given_names=CANARY)
    two = factories.person(world.agency)
    moves = {
        "other row": ("cases_person", "given_names", two.pk, Person, "given_names"),
        "other column": ("cases_person", "surnames", one.pk, Person, "surnames"),
    }
    blob = raw("cases_person", "given_names", one.pk)
    if target == "other table":
        case = factories.case(world.team, person=one)
        note = Note.objects.create(case=case, subject_key_id=one.subject_key_id, text="x")
        table, column, key, model, name = "cases_note", "text", note.pk, Note, "text"
    else:
        table, column, key, model, name = moves[target]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [blob, key])
    with pytest.raises(Unreadable):
        getattr(model.objects.get(pk=key), name)


def test_value_under_another_subject_key_is_unreadable(world):
    made = factories.person(world.agency, given_names=CANARY)
    other = factories.subject_key(world.agency)
    with connection.cursor() as cursor:
        # The database itself keeps a person under their key.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE cases_person DISABLE TRIGGER stays")
        cursor.execute("UPDATE cases_person SET subject_key_id = %s WHERE id = %s", [other.pk, made.pk])
    with pytest.raises(Unreadable):
        _ = Person.objects.get(pk=made.pk).given_names


def test_destroyed_key_reads_nothing(world, as_owner):
    made = factories.person(world.agency, given_names=CANARY)
    with as_owner():
        SubjectKey.objects.filter(pk=made.subject_key_id).update(
            wrapped=None, destroyed_at=timezone.now(), destroyed_by=world.admin
        )
    with keyring.held(), pytest.raises(keyring.SubjectErased):
        _ = Person.objects.get(pk=made.pk).given_names


def test_counselling_notes_lie_under_a_key_of_their_own(world):
    case = factories.case(world.team)
    note = Note.objects.create(
        case=case, subject_key_id=case.subject_key_id, kind="counselling", counselling_text=CANARY
    )
    blob = raw("cases_note", "counselling_text", note.pk)
    key = keyring.open_key(case.subject_key_id)
    place = Place("cases.Note", "counselling_text", note.pk)
    with pytest.raises(Unreadable):
        unseal(key.cipher("fields"), blob, place, case.subject_key_id, key.version)
    assert unseal(key.cipher("counselling"), blob, place, case.subject_key_id, key.version) == CANARY.encode()


def test_keys_of_a_page_come_in_one_query(world, django_assert_num_queries):
    made = [factories.person(world.agency) for _ in range(5)]
    found = list(Person.objects.filter(pk__in=[one.pk for one in made]))
    with keyring.held():
        with django_assert_num_queries(1):
            keyring.preload(found)
        with django_assert_num_queries(0):
            assert {one.given_names for one in found} == {"Ximena"}


@pytest.mark.parametrize("model", checking.encrypted_models(), ids=lambda model: model._meta.label)
def test_lookup_on_an_encrypted_field_is_refused(model):
    """Every encrypted field of every model, whatever a query asks; only whether it is empty may be known."""
    for one in encrypted_fields(model):
        for lookup in ("", "__exact", "__in", "__icontains", "__startswith", "__gt", "__lower"):
            for asked in (model._base_manager.filter, model._base_manager.exclude):
                with pytest.raises(FieldError, match="is encrypted"):
                    asked(**{f"{one.name}{lookup}": ["x"] if lookup == "__in" else "x"})
        assert str(model._base_manager.filter(**{f"{one.name}__isnull": True}).query)


def test_writing_past_history_is_refused(world):
    factories.person(world.agency)
    for write in (
        lambda: Person.objects.update(region="AR-C"),
        lambda: Person.objects.all().delete(),
        lambda: Person.objects.bulk_create([]),
    ):
        with pytest.raises(TypeError):
            write()


def test_many_records_have_their_history_with_the_same_bytes(world):
    with acting.as_user(world.caseworker):
        keys = [factories.subject_key(world.agency) for _ in range(3)]
        people = [Person(organization=world.agency, subject_key=key, given_names=CANARY) for key in keys]
        records.create_many(people, by=world.caseworker)
    for one in people:
        rows = list(one.history.all())
        assert [row.history_user_id for row in rows] == [world.caseworker.pk]
        assert raw("cases_person", "given_names", one.pk) == raw(
            "cases_historicalperson", "given_names", one.pk
        )


def test_a_key_wrapped_by_another_state_is_not_opened(world, as_owner):
    made = factories.person(world.agency)
    foreign = factories.person(world.agency_br)
    row = SubjectKey.objects.get(pk=made.subject_key_id)
    with as_owner():
        SubjectKey.objects.filter(pk=foreign.subject_key_id).update(wrapped=row.wrapped)
    with keyring.held(), pytest.raises(Unreadable):
        _ = Person.objects.get(pk=foreign.pk).given_names


KEY_ID = uuid.UUID(int=7)
PLACE = Place("cases.Person", "given_names", uuid.UUID(int=9))


@given(st.binary(min_size=1, max_size=60), st.data())
def test_every_changed_bit_and_every_cut_is_found(plain, data):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(bytes(32))
    blob = seal(cipher, plain, PLACE, KEY_ID, 1)
    assert unseal(cipher, blob, PLACE, KEY_ID, 1) == plain
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    changed = bytearray(blob)
    changed[bit // 8] ^= 1 << bit % 8
    for wrong in (bytes(changed), blob[: data.draw(st.integers(0, len(blob) - 1))]):
        with pytest.raises(Unreadable) as caught:
            unseal(cipher, wrong, PLACE, KEY_ID, 1)
        assert str(caught.value) == "An encrypted value cannot be read."


@pytest.mark.parametrize("text", ["1985", "1985-03", "1985-03-12", "1985~", "1985-03~"])
def test_date_keeps_its_precision(world, text):
    made = factories.person(world.agency, birth=text)
    assert Person.objects.get(pk=made.pk).birth == PartialDate(text)


@pytest.mark.parametrize("text", ["85", "1985-13", "1985-02-30", "03/1985", "1985-3", "1985?~"])
def test_nonsense_date_is_refused(text):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        PartialDate.parse(text)
