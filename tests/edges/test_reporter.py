"""A crash is told by its kind and place: no variable, no argument, no address, nothing that was sent."""

import io
import logging
import sys
from unittest import mock

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.log import AdminEmailHandler

from tests.edges.headers import missing
from victimcare.forms import new_record_id

WORD = "Yelquorbin"


@pytest.fixture
def lines():
    """What the handlers of this process write."""
    output = io.StringIO()
    with mock.patch.object(logging, "raiseExceptions", True):  # a handler that fails is a fault too
        handlers = [one for one in logging.getLogger().handlers if one.get_name() == "console"]
        assert len(handlers) == 1
        before = handlers[0].setStream(output)
        yield output
        handlers[0].setStream(before)


class Talkative(RuntimeError):
    """As a driver's, which quotes the row."""

    def __str__(self) -> str:
        return f"Key (surnames)=({WORD})"


def crash(*args, **kwargs):
    narrative = {"words": WORD}
    try:
        raise Talkative(narrative)
    except Talkative as error:
        raise ValueError(WORD) from error


def test_a_crash_is_reported_without_what_was_written(world, login, lines, mailoutbox):
    client = login(world.caseworker)
    client.raise_request_exception = False
    path = reverse("cases:note_add", args=[world.case.pk])
    sent = {"record_id": new_record_id(), "kind": "work", "text": WORD}
    with mock.patch("victimcare.records.create", crash):
        answer = client.post(f"{path}?q={WORD}", sent, headers={"user-agent": WORD, "referer": f"/{WORD}"})
    assert answer.status_code == 500
    assert missing(answer) == []
    assert WORD not in answer.content.decode()
    told = lines.getvalue()
    assert "ERROR django.request request answered 500" in told
    assert "ValueError at " in told
    assert "test_reporter.py" in told
    for secret in (WORD, str(world.case.pk), "caseworker", "narrative"):
        assert secret not in told
    assert mailoutbox == []


def test_nobody_is_mailed_an_error():
    assert (settings.ADMINS, settings.MANAGERS) == ([], [])
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    handlers = [handler for one in (logging.getLogger(), *loggers) for handler in one.handlers]
    assert not [one for one in handlers if isinstance(one, AdminEmailHandler)]


def test_what_is_refused_is_logged_without_where_and_what(world, lines):
    Client().get(f"/{WORD}/", {"q": WORD})
    Client().get("/", headers={"host": f"{WORD}.example"})
    path = reverse("cases:note_add", args=[world.case.pk])
    Client(enforce_csrf_checks=True).post(path, {"text": WORD}, headers={"referer": f"http://{WORD}/"})
    told = lines.getvalue()
    assert told.count("WARNING django.request request answered 404") == 1
    assert told.count("django.security.DisallowedHost request refused") == 1
    assert told.count("WARNING django.security.csrf request refused") == 1
    assert WORD not in told
    assert str(world.case.pk) not in told


def test_a_reporter_that_tells_is_noticed(lines):
    """Else nothing would be found because nothing is written."""
    try:
        raise ValueError(WORD)
    except ValueError:
        logging.getLogger("victimcare").error("It failed: %s", sys.exc_info()[1])
    assert WORD in lines.getvalue()
