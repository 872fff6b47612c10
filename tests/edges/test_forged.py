"""What another site sends in a user's name is refused: without the token, or from a foreign page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.edges.test_reading import LEFT_BY_A_LOOK, written
from tests.matrix.asking import Asker
from tests.matrix.table import table

pytestmark = pytest.mark.django_db
METHODS = ("post", "put", "patch", "delete")
ROLES = ("nobody", "caseworker", "provider")
TOKEN = "a" * 32  # both in the cookie and in what is sent, as a page of ours has it
HEADER = {"X-CSRFToken": TOKEN}
REFUSED = {"403_csrf.html", "victimcare/send_again.html"}
# How it is forged: headers, and whether the page came over https, where the browser says from where.
FORGED: dict[str, tuple[dict[str, str], bool]] = {
    "no token": ({}, False),
    "a wrong token": ({"X-CSRFToken": "b" * 32}, False),
    "a foreign origin": (HEADER | {"Origin": "https://elsewhere.example"}, False),
    "an origin that hides": (HEADER | {"Origin": "null"}, False),
    "our name in a foreign origin": (HEADER | {"Origin": "http://testserver.elsewhere.example"}, False),
    "a foreign referrer": (HEADER | {"Referer": "https://elsewhere.example/"}, True),
    "no referrer": (HEADER, True),
}

Send = Callable[..., Any]


def sender(asker: Asker, role: str) -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if cookie := asker.cookies[role]:
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    client.cookies[settings.CSRF_COOKIE_NAME] = TOKEN
    return client


def is_refused(answer: Any) -> bool:
    return answer.status_code == 403 and bool(REFUSED & {one.name for one in answer.templates})


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("forged", FORGED)
def test_what_is_forged_is_refused_at_every_address(asker: Asker, role: str, forged: str):
    headers, secure = FORGED[forged]
    client, before, taken = sender(asker, role), written(), []
    methods = METHODS if forged == "no token" else METHODS[:1]
    for url in table().urls():
        path = asker._path(asker.questions(url, "POST", role)[0])
        answers = (
            (method, getattr(client, method)(path, headers=headers, secure=secure)) for method in methods
        )
        taken += [
            f"{method} {url}: {answer.status_code}" for method, answer in answers if not is_refused(answer)
        ]
    assert taken == []
    # A session says now and then when it was last seen.
    assert {name for name, rows in written().items() if rows > before.get(name, 0)} <= LEFT_BY_A_LOOK


def test_what_our_own_page_sends_is_taken(asker: Asker):
    """Else all of the above would be refused for another reason."""
    client = sender(asker, "caseworker")
    for headers in (HEADER, HEADER | {"Origin": "http://testserver"}):
        assert client.post(reverse("language"), {"language": "en"}, headers=headers).status_code == 302
