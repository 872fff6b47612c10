"""Documents and pictures of a case: added, listed, downloaded, taken away; seen with the case only."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from cases import actions
from cases.actions.documents import NoRoom
from cases.models import Document, DocumentSegment
from tests import factories
from tests.attacks import samples
from victimcare.encryption.streams import SEGMENT
from victimcare.forms import new_record_id
from victimcare.models import AccessEntry

WORDS = b"Canary of a document\n"


def send(client: Client, case: Any, content: bytes = WORDS, name: str = "letter.txt", **values: Any) -> Any:
    data = {"record_id": new_record_id(), "title": "A letter", "details": ""} | values
    sent = SimpleUploadedFile(name, content)
    return client.post(reverse("cases:document_add", args=[case.pk]), data | {"file": sent}, follow=True)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def download(client: Client, document: Document) -> Any:
    return client.get(reverse("cases:document", args=[document.case_id, document.pk]))


def test_a_document_is_added_listed_and_downloaded_as_it_was(world: Any, login: Any) -> None:
    client = login(world.caseworker)
    page = send(client, world.case, details="Given by a sister").content.decode()
    shown = ("A letter", "letter.txt", "Text file", "Given by a sister", "Document added")
    assert all(one in page for one in shown)
    document = Document.objects.get(case=world.case)
    assert (document.size, document.created_by) == (len(WORDS), world.caseworker)
    answer = download(client, document)
    assert body(answer) == WORDS
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Length"] == str(len(WORDS))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["Content-Disposition"] == f'attachment; filename="document-{str(document.pk)[:8]}.txt"'


@pytest.mark.parametrize("name", samples.HARMLESS)
def test_each_kind_that_is_taken_is_taken(world: Any, login: Any, name: str) -> None:
    send(login(world.caseworker), world.case, samples.HARMLESS[name], name)
    assert Document.objects.get(case=world.case).file_name == name


def test_a_download_is_logged_once_with_its_kind(world: Any, login: Any) -> None:
    document = factories.document(world.case)
    body(download(login(world.caseworker), document))
    [line] = AccessEntry.objects.filter(object_label="cases.Document", action="export")
    assert (line.object_id, line.kinds, line.subject_key_id) == (
        document.pk, ["documents"], world.case.subject_key_id,
    )  # fmt: skip


def test_nothing_of_it_lies_in_clear(world: Any, login: Any) -> None:
    send(login(world.caseworker), world.case)
    with connection.cursor() as cursor:
        for table in ("cases_document", "cases_historicaldocument", "cases_documentsegment"):
            cursor.execute(f"SELECT * FROM {table}")
            rows = cursor.fetchall()
            assert rows
            held = b"".join(bytes(one) for row in rows for one in row if isinstance(one, memoryview))
            said = f"{[one for row in rows for one in row if not isinstance(one, memoryview)]}"
            assert not any(word in held for word in (b"Canary", b"letter", b"text/plain"))
            assert "letter" not in said


def test_without_a_title_it_has_the_name_of_its_file(world: Any, login: Any) -> None:
    send(login(world.caseworker), world.case, title="")
    assert Document.objects.get(case=world.case).title == "letter.txt"


def test_sent_twice_it_is_one_and_with_another_file_it_is_said(world: Any, login: Any) -> None:
    client, signed = login(world.caseworker), new_record_id()
    send(client, world.case, record_id=signed)
    assert "saved already" in send(client, world.case, record_id=signed).content.decode()
    other = send(client, world.case, b"Another letter of 21.\n", record_id=signed).content.decode()
    assert "The first sending was saved" in other
    assert (Document.objects.count(), DocumentSegment.objects.count()) == (1, 1)


def test_nothing_is_added_to_a_closed_case(world: Any, login: Any) -> None:
    actions.ask_closure(world.case, by=world.caseworker, reason="goals_reached")
    actions.approve_closure(world.case, by=world.supervisor)
    assert "Reopen it first" in send(login(world.caseworker), world.case).content.decode()
    assert not Document.objects.exists()


def test_a_document_is_taken_away_and_kept(world: Any, login: Any) -> None:
    document, client = factories.document(world.case, title="Wrong letter"), login(world.caseworker)
    address = reverse("cases:document_retire", args=[world.case.pk, document.pk])
    assert "Wrong letter" in client.get(address).content.decode()
    assert "Wrong letter" not in client.post(address, follow=True).content.decode()
    assert download(client, document).status_code == 404
    assert DocumentSegment.objects.filter(document=document).exists()


@pytest.mark.parametrize("who", ["caseworker2", "caseworker_shelter", "caseworker_br", "provider", "admin"])
def test_who_does_not_see_the_case_does_not_see_its_documents(world: Any, login: Any, who: str) -> None:
    document, client = factories.document(world.case), login(getattr(world, who))
    assert download(client, document).status_code == 404
    assert send(client, world.case).status_code == 404
    assert Document.objects.count() == 1


def test_a_document_is_found_through_its_own_case_only(world: Any, login: Any) -> None:
    document = factories.document(factories.case(world.team, world.caseworker))
    address = reverse("cases:document", args=[world.case.pk, document.pk])
    assert login(world.caseworker).get(address).status_code == 404


def test_who_is_not_shown_documents_is_refused(world: Any, login: Any, monkeypatch: Any) -> None:
    from cases import access

    document, client = factories.document(world.case, title="Kept back"), login(world.caseworker)
    monkeypatch.setattr(access, "kinds_shown", lambda user, case: frozenset({"identity"}))
    assert download(client, document).status_code == 403
    assert client.get(reverse("cases:document_add", args=[world.case.pk])).status_code == 403
    assert "Kept back" not in client.get(reverse("cases:case", args=[world.case.pk])).content.decode()


def test_a_download_ends_where_access_ends(world: Any, login: Any) -> None:
    """The request is over, and the file is still being sent: the database is asked in the user's name."""
    document = factories.document(world.case, content=bytes(range(32, 127)) * 9000)
    answer = download(login(world.caseworker), document)
    parts = iter(answer.streaming_content)
    assert len(next(parts)) == SEGMENT
    actions.unassign(world.case.assignments.get(), by=world.supervisor)
    with pytest.raises(PermissionDenied):
        next(parts)


# -- What the database keeps ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_documentsegment SET blob = ''",
        "UPDATE cases_documentsegment SET position = 7",
        "DELETE FROM cases_documentsegment",
        "DELETE FROM cases_document",
    ],
)
def test_a_segment_stays_as_it_was_written(world: Any, acts: Any, statement: str) -> None:
    factories.document(world.case)
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        acts(world.caseworker),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_for_the_owner_too(world: Any) -> None:
    factories.document(world.case)
    for statement in ("UPDATE cases_documentsegment SET blob = ''", "DELETE FROM cases_documentsegment"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_segment_is_added_in_the_transaction_of_its_document_only(world: Any, acts: Any) -> None:
    document = factories.document(world.case)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE cases_document DISABLE TRIGGER USER")
        cursor.execute("UPDATE cases_document SET scope_made_at = now() - interval '1 minute'")
    refused = pytest.raises(DatabaseError, match="row-level security")
    with refused, transaction.atomic(), acts(world.caseworker):
        DocumentSegment(document=document, position=9, blob=b"more").save(force_insert=True)


@pytest.mark.parametrize("who", ["caseworker2", "provider", "admin", "caseworker_br"])
def test_the_database_gives_strangers_no_segment(world: Any, acts: Any, who: str) -> None:
    factories.document(world.case)
    with acts(getattr(world, who)):
        assert not DocumentSegment.objects.exists()
        assert not Document.objects.exists()
    with acts(world.caseworker):
        assert DocumentSegment.objects.count() == 1


def test_documents_move_with_their_case(world: Any, acts: Any) -> None:
    document = factories.document(world.case)
    actions.move(world.case, world.other_team, by=world.supervisor)
    southern = factories.member("supervisor", world.agency, world.other_team)
    with acts(southern):
        assert Document.objects.get().pk == document.pk
        assert DocumentSegment.objects.count() == 1
        assert Document.history.count() == 1
    with acts(world.supervisor):
        assert not DocumentSegment.objects.exists()


# -- Limits --------------------------------------------------------------------------------------------------


def test_a_case_and_an_organisation_have_a_quota(world: Any, login: Any, settings: Any) -> None:
    client = login(world.caseworker)
    settings.FILES_PER_CASE_BYTES = 30
    send(client, world.case)
    assert "no room for this file" in send(client, world.case).content.decode()
    settings.FILES_PER_CASE_BYTES, settings.FILES_PER_ORGANIZATION_BYTES = 1000, 30
    assert "no room for this file" in send(client, world.case).content.decode()
    elsewhere = factories.case(world.team, world.caseworker)
    assert "no room for this file" in send(client, elsewhere).content.decode()
    assert (Document.objects.count(), DocumentSegment.objects.count()) == (1, 1)


def test_a_quota_is_of_the_whole_organisation_and_of_no_other(world: Any, settings: Any) -> None:
    factories.document(factories.case(world.other_team, world.caseworker2))
    factories.document(factories.case(world.team_br, world.caseworker_br))
    settings.FILES_PER_ORGANIZATION_BYTES = 30
    with pytest.raises(NoRoom):
        factories.document(world.case)
    settings.FILES_PER_ORGANIZATION_BYTES = 2 * len(WORDS)
    factories.document(world.case)


def test_an_erased_persons_documents_are_read_by_nobody(world: Any, login: Any) -> None:
    from cases.documents import unreadable
    from victimcare.encryption import keyring

    document = factories.document(world.case)
    asked = actions.ask_erasure(world.case, by=world.caseworker, reason="person_asked")
    actions.approve_erasure(asked, by=world.supervisor)
    assert download(login(world.supervisor), document).status_code == 404
    stored = Document._base_manager.get(pk=document.pk)
    with keyring.held(), pytest.raises(keyring.SubjectErased):
        assert stored.stream
    assert DocumentSegment.objects.exists()
    assert list(unreadable()) == []
