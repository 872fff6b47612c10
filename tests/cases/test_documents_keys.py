"""Documents and keys: what was changed past the product is found by who reads it and by `keys check`; keys
that change leave every file readable.
"""

import logging
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from cases.documents import contents
from cases.models import Document, DocumentSegment
from tests import factories
from victimcare.encryption import checking, keyring, renewal, rotation
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.streams import SEGMENT

LONG = bytes(range(32, 127)) * (3 * SEGMENT // 95)


@pytest.fixture
def document(world: Any) -> Document:
    """Of three segments."""
    made = factories.document(world.case, content=LONG)
    assert made.segment_count == 3
    return made


def past_the_product(*statements: str) -> None:
    """As the owner, who takes the triggers away first."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("cases_documentsegment", "cases_document"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)


SEGMENTS = "cases_documentsegment"
CHANGES = {
    "swapped": [
        f"UPDATE {SEGMENTS} SET position = position + 8 WHERE position < 2",
        f"UPDATE {SEGMENTS} SET position = 9 - position WHERE position > 7",
    ],
    "dropped in the middle": [f"DELETE FROM {SEGMENTS} WHERE position = 1"],
    "the last dropped": [f"DELETE FROM {SEGMENTS} WHERE position = 2"],
    "the last dropped, and the size with it": [
        f"DELETE FROM {SEGMENTS} WHERE position = 2",
        f"UPDATE cases_document SET size = {2 * SEGMENT}",
    ],
    "doubled": [
        f"UPDATE {SEGMENTS} SET blob = (SELECT blob FROM {SEGMENTS} WHERE position = 0)"
        " WHERE position = 1"
    ],
    "appended": [
        f"INSERT INTO {SEGMENTS} (id, position, blob, document_id)"
        f" SELECT gen_random_uuid(), 3, blob, document_id FROM {SEGMENTS} WHERE position = 2"
    ],
    "a bit changed": [
        f"UPDATE {SEGMENTS} SET blob = set_byte(blob, 99, get_byte(blob, 99) # 1) WHERE position = 1"
    ],
    "cut": [f"UPDATE {SEGMENTS} SET blob = substr(blob, 1, 1000) WHERE position = 2"],
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_its_segments_is_found(
    world: Any, document: Document, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert checking.check().wrong == []
    past_the_product(*CHANGES[change])
    fresh = Document.objects.get(pk=document.pk)
    with caplog.at_level(logging.CRITICAL, "victimcare.alarm"), pytest.raises(Unreadable):
        list(contents(fresh, by=world.caseworker))
    assert "An encrypted value cannot be read" in caplog.text
    assert checking.check().wrong == [f"cases.Document {document.pk} file"]


@pytest.mark.parametrize("whose", ["of the same person", "of another person"])
def test_a_segment_of_another_document_is_found(world: Any, document: Document, whose: str) -> None:
    case = world.case if whose == "of the same person" else factories.case(world.team, world.caseworker)
    other = factories.document(case, content=LONG)
    past_the_product(
        f"UPDATE {SEGMENTS} SET blob = (SELECT blob FROM {SEGMENTS} foreign_one"
        f" WHERE document_id = '{other.pk}' AND foreign_one.position = {SEGMENTS}.position)"
        f" WHERE document_id = '{document.pk}' AND position = 1"
    )
    with pytest.raises(Unreadable):
        list(contents(Document.objects.get(pk=document.pk), by=world.caseworker))
    assert checking.check().wrong == [f"cases.Document {document.pk} file"]


def test_what_cannot_be_read_is_known_before_it_is_sent(world: Any, login: Any, document: Document) -> None:
    past_the_product(f"DELETE FROM {SEGMENTS} WHERE position = 0")
    client = login(world.caseworker)
    client.raise_request_exception = False
    answer = client.get(reverse("cases:document", args=[world.case.pk, document.pk]))
    assert answer.status_code == 500


def test_keys_that_change_leave_the_file_as_it_was(world: Any, document: Document) -> None:
    """The state's key, then the person's: what is said of the file is sealed anew, its segments stay."""
    before = list(DocumentSegment.objects.order_by("position").values_list("blob", flat=True))
    rotation.rotate_state(world.agency.member_state)
    assert renewal.reencrypt(world.agency.member_state).keys
    with keyring.held():
        fresh = Document.objects.get(pk=document.pk)
        assert fresh.__dict__["secret"].blob != document.__dict__["secret"].blob
        assert b"".join(contents(fresh, by=world.caseworker)) == LONG
        assert checking.check().wrong == []
    after = list(DocumentSegment.objects.order_by("position").values_list("blob", flat=True))
    assert [bytes(one) for one in after] == [bytes(one) for one in before]
