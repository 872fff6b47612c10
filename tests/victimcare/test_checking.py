"""`manage.py keys check` opens every value of every row, and says which cannot be believed."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Person
from tests import factories
from victimcare.encryption import checking, ciphers, keyring, sealed
from victimcare.history import history_model
from victimcare.models import SubjectKey


def test_each_row_and_each_past_row_is_counted(world):
    before = checking.check().rows
    for _number in range(2):
        factories.person(world.agency)
    assert checking.check().rows == before + 4


def test_who_was_erased_is_not_wrong(world):
    erased = factories.person(world.agency)
    SubjectKey.objects.filter(pk=erased.subject_key_id).update(
        wrapped=None, destroyed_at=timezone.now(), destroyed_by=world.admin
    )
    assert checking.check().wrong == []


def test_a_value_that_does_not_open_is_found_under_a_right_mac(world):
    made = factories.person(world.agency)
    row = Person.objects.get(pk=made.pk)
    key = keyring.open_key(row.subject_key_id)
    wrong = ciphers.header(key.version) + bytes(40)
    blobs = {
        field.name: row.__dict__[field.name].blob
        for field in sealed.encrypted_fields(Person)
        if row.__dict__[field.name] is not None
    }
    mac = key.mac(sealed.row_of(row, key), blobs | {"surnames": wrong})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_person SET surnames = %s, mac = %s WHERE id = %s", [wrong, mac, made.pk])
    assert f"cases.Person {made.pk}" in checking.check().wrong
    # Not only because its history says something else.
    assert checking._opens(Person.objects.get(pk=made.pk), set()) is False


def test_keys_are_fetched_for_many_rows_at_once(world):
    def queries():
        with keyring.held(), CaptureQueriesContext(connection) as asked:
            assert checking.check().wrong == []
        return len(asked)

    factories.person(world.agency)
    before = queries()
    for _number in range(5):
        factories.person(world.agency)
    assert queries() == before


def test_more_rows_than_a_batch_are_each_looked_at_once(world, monkeypatch):
    monkeypatch.setattr(checking, "BATCH", 2)
    made = {factories.person(world.agency).pk for _number in range(5)}
    for model, key in ((Person, "pk"), (history_model(Person), "id")):
        found = [getattr(row, key) for row in checking._rows(model)]
        assert len(found) == len(set(found))
        assert made <= set(found)
