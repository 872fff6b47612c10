"""Notes are added, never changed; counselling lies under a key of its own. Kinds of case, too."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from cases import actions
from cases.actions.records import AlreadyEnrolled, EmptyNote, EnrolmentEnded
from cases.models import Enrolment, Note
from tests import factories
from victimcare.encryption import keyring
from victimcare.encryption.ciphers import Place, Unreadable, unseal
from victimcare.forms import new_record_id
from victimcare.models import AccessEntry

CANARY = "Counselling canary"


def stored(note, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM cases_note WHERE id = %s", [note.pk])
        blob = cursor.fetchone()[0]
    return None if blob is None else bytes(blob)


def write(login, world, **values):
    data = {"record_id": new_record_id(), "kind": "work", "text": "Called the school"} | values
    return login(world.caseworker).post(reverse("cases:note_add", args=[world.case.pk]), data, follow=True)


def test_note_is_written_and_shown_with_the_case_and_in_its_story(world, login):
    page = write(login, world).content.decode()
    note = Note.objects.get(case=world.case)
    assert (note.text, note.counselling_text, note.created_by) == ("Called the school", "", world.caseworker)
    assert "Called the school" in page
    assert "Note: work on the case" in page


def test_note_without_words_is_refused(world, login):
    assert "Write something" in write(login, world, text="  ").content.decode()
    with pytest.raises(EmptyNote):
        actions.add_note(world.case, Note(), "\n", by=world.caseworker)
    assert not Note.objects.exists()


def test_note_sent_twice_is_one(world, login):
    signed = new_record_id()
    write(login, world, record_id=signed)
    write(login, world, record_id=signed)
    assert Note.objects.filter(case=world.case).count() == 1


def test_counselling_words_are_unreadable_with_the_key_of_other_fields(world, login):
    write(login, world, kind="counselling", text=CANARY)
    note = Note.objects.get(case=world.case)
    assert (note.shown_text, stored(note, "text")) == (CANARY, None)
    key = keyring.open_key(note.subject_key_id)
    blob = stored(note, "counselling_text")
    place = Place("cases.Note", "counselling_text", note.pk)
    assert unseal(key.cipher("counselling"), blob, place, note.subject_key_id, key.version) == CANARY.encode()
    with pytest.raises(Unreadable):
        unseal(key.cipher("fields"), blob, place, note.subject_key_id, key.version)


@pytest.mark.parametrize(("kind", "column"), [("counselling", "text"), ("work", "counselling_text")])
def test_database_refuses_words_in_the_other_column(world, kind, column):
    with pytest.raises(IntegrityError, match="note_text_of_its_kind"), transaction.atomic():
        Note.objects.create(
            case=world.case, subject_key_id=world.case.subject_key_id, kind=kind, **{column: "misplaced"}
        )


def test_history_of_a_note_holds_ciphertext(world):
    note, _new = actions.add_note(world.case, Note(kind="counselling"), CANARY, by=world.caseworker)
    with connection.cursor() as cursor:
        cursor.execute("SELECT counselling_text FROM cases_historicalnote WHERE id = %s", [note.pk])
        assert CANARY.encode() not in bytes(cursor.fetchone()[0])


def test_notice_against_passing_on_stands_beside_counselling_only(world, login):
    assert "Do not pass this on" not in write(login, world).content.decode()
    assert "Do not pass this on" in write(login, world, kind="counselling", text=CANARY).content.decode()


def test_note_corrects_another_and_both_stay(world, login):
    wrong, _new = actions.add_note(world.case, Note(), "Two children", by=world.caseworker)
    address = reverse("cases:note_correct", args=[world.case.pk, wrong.pk])
    client = login(world.caseworker)
    assert "Two children" in client.get(address).content.decode()
    data = {"record_id": new_record_id(), "kind": "work", "text": "Three children"}
    page = client.post(address, data, follow=True).content.decode()
    assert Note.objects.get(corrects=wrong).text == "Three children"
    assert "Two children" in page
    assert "Corrects the note of" in page


def test_note_of_another_case_is_not_corrected(world):
    other = factories.case(world.team, world.caseworker)
    foreign, _new = actions.add_note(other, Note(), "Elsewhere", by=world.caseworker)
    with pytest.raises(ValidationError):
        actions.add_note(world.case, Note(), "Wrong place", by=world.caseworker, corrects=foreign)


def test_note_on_a_closed_case_is_refused_in_words(world, login):
    actions.ask_closure(world.case, by=world.caseworker, reason="goals_reached")
    actions.approve_closure(world.case, by=world.supervisor)
    page = write(login, world, text="Typed with care").content.decode()
    assert "Reopen it first" in page
    assert "Typed with care" in page
    assert not Note.objects.exists()


def test_notes_page_goes_on_where_the_last_one_ended(world, login):
    for number in range(53):
        factories_note(world, f"number {number:02}")
    client = login(world.caseworker)
    first = client.get(reverse("cases:notes", args=[world.case.pk]))
    second = client.get(first.context["shown"]["next_url"])
    texts = [row["text"] for page in (first, second) for row in page.context["shown"]["rows"]]
    assert texts == [f"number {number:02}" for number in reversed(range(53))]
    assert second.context["shown"]["next_url"] == ""


@pytest.mark.parametrize("after", ["", "yesterday", "2026-01-01T00:00:00"])
def test_notes_page_with_nonsense_begins_with_the_newest(world, login, after):
    factories_note(world, "the only one")
    answer = login(world.caseworker).get(reverse("cases:notes", args=[world.case.pk]), {"after": after})
    assert "the only one" in answer.content.decode()


def factories_note(world, text):
    return actions.add_note(world.case, Note(), text, by=world.caseworker)[0]


def test_case_takes_another_kind_once(world, login):
    data = {"record_id": new_record_id(), "kind": "drug_dependence", "started_on": timezone.localdate()}
    client = login(world.caseworker)
    address = reverse("cases:enrol", args=[world.case.pk])
    client.post(address, data)
    assert Enrolment.objects.filter(case=world.case, kind="drug_dependence", ended_on=None).count() == 1
    again = client.post(address, data | {"record_id": new_record_id()})
    assert "of this kind already" in again.content.decode()
    with pytest.raises(AlreadyEnrolled):
        actions.enrol(
            world.case, Enrolment(kind="victim", started_on=timezone.localdate()), by=world.caseworker
        )


def test_kind_of_case_ends_once_and_may_begin_anew(world, login):
    running = Enrolment.objects.get(case=world.case)
    today = timezone.localdate()
    address = reverse("cases:enrolment_end", args=[world.case.pk, running.pk])
    early = login(world.caseworker).post(address, {"ended_on": running.started_on - timedelta(days=1)})
    assert "before it began" in early.content.decode()
    late = login(world.caseworker).post(address, {"ended_on": today + timedelta(days=1)})
    assert "It cannot end on a day to come." in late.content.decode()
    login(world.caseworker).post(address, {"ended_on": today})
    with pytest.raises(EnrolmentEnded):
        actions.end_enrolment(running, by=world.caseworker, ended_on=today)
    _anew, new = actions.enrol(world.case, Enrolment(kind="victim", started_on=today), by=world.caseworker)
    assert new


def test_the_log_says_whose_notes_were_read(world, login):
    factories_note(world, "the only one")
    login(world.caseworker).get(reverse("cases:notes", args=[world.case.pk]))
    read = AccessEntry.objects.get(action="list")
    assert (read.by, read.object_label, read.kinds) == (world.caseworker, "cases.Note", ["incident"])
    assert read.subject_key_id == world.case.subject_key_id
    actions.add_note(world.case, Note(kind="counselling"), CANARY, by=world.caseworker)
    login(world.caseworker).get(reverse("cases:notes", args=[world.case.pk]))
    kinds = AccessEntry.objects.filter(action="list").values_list("kinds", flat=True)
    assert sorted(kinds) == [["counselling"], ["incident"], ["incident"]]


def test_the_timeline_leads_to_the_notes_that_it_does_not_tell(world, login, monkeypatch):
    monkeypatch.setattr("cases.record_sections.SIZE", 2)
    for number in range(2):
        actions.add_note(world.case, Note(), f"Note {number}", by=world.caseworker)
    client, address = login(world.caseworker), reverse("cases:case", args=[world.case.pk])
    older = "This note and older ones are on the page of notes"
    assert older not in client.get(address).content.decode()
    actions.add_note(world.case, Note(), "One more", by=world.caseworker)
    told = [entry for entry in client.get(address).context["entries"] if entry["icon"] == "note"]
    assert [str(entry["text"]) == older for entry in told] == [False, False, True]
    assert told[-1]["url"] == reverse("cases:notes", args=[world.case.pk])
