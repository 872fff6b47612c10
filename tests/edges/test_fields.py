"""Fields that no form has change nothing: not whose a record is, not its state, not who made it."""

import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.db import connection
from django.db.transaction import set_rollback

from tests.conftest import owner
from tests.edges.test_reading import written
from tests.matrix import asking
from tests.matrix.asking import Asker, Question
from tests.matrix.filled import FILLED
from tests.matrix.table import table
from victimcare.encryption import ciphers, sealed

pytestmark = pytest.mark.django_db
APPS = ("victimcare", "certification", "cases", "referrals")
WORD = "kanarimassassignment"
ID = "5eedfade-0000-4000-8000-5eedfade5eed"
DAY = "1999-03-04"
# Taken from what is sent, and of no model.
OTHERS = (
    "pk",
    "id",
    "by",
    "user",
    "organization",
    "is_superuser",
    "is_staff",
    "permission",
    "role",
    "next_status",
)


def hostile_fields() -> dict[str, str]:
    """Every field of every model of ours, with a value of its kind that is nowhere else."""
    found = dict.fromkeys(OTHERS, ID)
    for model in apps.get_models():
        if model._meta.app_label in APPS:
            for field in model._meta.concrete_fields:
                value = _value(field.get_internal_type())
                found |= {field.name: value, field.attname: value}
    return found


def _value(kind: str) -> str:
    if kind in {"ForeignKey", "OneToOneField", "UUIDField"}:
        return ID
    return {"DateField": DAY, "DateTimeField": f"{DAY}T00:00"}.get(kind, WORD)


def taken(asker: Asker, url: str) -> Iterator[Question]:
    """Filled forms of this address that are taken: one for each role."""
    for role in table().roles:
        for question in asker.questions(url, "FILLED", role):
            relation, marks = asker._relation(question)
            if table().expected(url, "FILLED", role, relation, marks) == 302:
                yield question
                break


def on_the_page(asker: Asker, question: Question) -> set[str]:
    """Names of the fields that the page itself offers."""
    page = asker.ask(Question(question.url, "GET", question.role, question.thing, question.child))
    return set(re.findall(r'name="([^"]+)"', page.content.decode()))


class Sent:
    """A filled form that was sent with more fields, and what it left before it was rolled back."""

    def __init__(self, asker: Asker, question: Question, extra: dict[str, str]) -> None:
        body, self.before = extra | asker._body(question), written()
        self.plain: list[bytes] = []
        self.lies_in: list[str] = []
        with (
            mock.patch.object(asker, "_body", return_value=body),
            mock.patch.object(sealed, "seal", self._sealed),
            mock.patch.object(asking.transaction, "set_rollback", self._looked),
        ):
            self.status = asker.ask(question).status_code
        # That it was used is noted in a session once a minute: how often, the clock says.
        self.rows = self._changed() | {"victimcare_session": 0}

    def _changed(self) -> dict[str, int]:
        """How many rows of which table were written."""
        rows = ((name, number - self.before.get(name, 0)) for name, number in written().items())
        return {name: number for name, number in rows if number}

    def _sealed(self, cipher: Any, text: bytes, *args: Any) -> bytes:
        """What is encrypted, in clear."""
        self.plain.append(text)
        return ciphers.seal(cipher, text, *args)

    def _looked(self, *args: Any, **kwargs: Any) -> None:
        with owner(), connection.cursor() as cursor:
            for name in self._changed():
                asked = (
                    f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(name)} row WHERE row::text ~ %s)"
                )
                cursor.execute(asked, [f"{WORD}|{ID}|{DAY}"])
                self.lies_in += [name] if cursor.fetchone()[0] else []
        set_rollback(*args, **kwargs)

    @property
    def told(self) -> list[bytes]:
        return [text for text in self.plain if WORD.encode() in text or DAY.encode() in text]


@pytest.mark.parametrize("url", sorted(FILLED))
def test_fields_that_the_form_lacks_change_nothing(asker: Asker, url: str):
    for question in taken(asker, url):
        known = on_the_page(asker, question) | set(asker._body(question))
        extra = {name: value for name, value in hostile_fields().items() if name not in known}
        assert len(extra) > 100
        alone, more = Sent(asker, question, {}), Sent(asker, question, extra)
        assert (more.status, more.rows) == (alone.status, alone.rows), str(question)
        assert (more.told, more.lies_in) == ([], []), str(question)


def test_what_a_form_takes_is_noticed(asker: Asker):
    """Else nothing would be found because nothing can be."""
    question = Question("cases:note_add", "FILLED", "caseworker", "case.mine")
    right = asker._body(question)
    with mock.patch.object(asker, "_body", return_value=right | {"text": WORD}):
        sent = Sent(asker, question, {})
    assert (sent.status, sent.rows["cases_note"]) == (302, 1)
    assert sent.told == [WORD.encode()]
    closing = Question("cases:closure_ask", "FILLED", "caseworker", "case.mine")
    assert Sent(asker, closing, {}).lies_in == []
