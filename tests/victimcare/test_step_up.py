"""Before what could do great harm, somebody says again who they are."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases import actions
from tests import factories
from tests.factories import World
from tests.signing import asked, came_in, code, later, real, sign_in, with_app
from victimcare.models import Role, User

CONFIRM = "/account/reauthenticate/"


@pytest.fixture
def pages(world: World) -> dict[str, tuple[User, str]]:
    """Who opens it, and where."""
    document = factories.document(world.case)
    auditor = factories.member(Role.AUDITOR, world.body, None, "auditor")
    return {
        "breach_file": (auditor, reverse("breach_file")),
        "erasure_ask": (world.caseworker, reverse("cases:erasure_ask", args=[world.case.pk])),
        "erasure_approve": (world.supervisor, reverse("cases:erasure_approve", args=[world.case.pk])),
        "invite": (world.admin, reverse("members:invite")),
        "add": (world.admin, reverse("members:add")),
        "emergency_find": (world.caseworker2, reverse("cases:emergency_find")),
        "document": (world.caseworker, reverse("cases:document", args=[world.case.pk, document.pk])),
        "emergency": (world.caseworker2, reverse("cases:emergency", args=[world.case.pk])),
    }


BEHIND = (
    "breach_file", "document", "erasure_ask", "erasure_approve", "emergency_find", "emergency", "invite",
    "add",
)  # fmt: skip


@pytest.mark.parametrize("name", BEHIND)
def test_a_page_behind_a_confirmation(pages: dict[str, tuple[User, str]], name: str) -> None:
    user, address = pages[name]
    client = Client()
    sign_in(client, user, ago=9 * 60)
    assert client.get(address).headers.get("Location", "") != f"{CONFIRM}?next={address}"
    sign_in(client, user, ago=11 * 60)
    answer = client.get(address)
    assert (answer.status_code, answer.url) == (302, f"{CONFIRM}?next={address.replace('/', '%2F')}")


def test_it_leads_there_and_back(world: World, pages: dict[str, tuple[User, str]]) -> None:
    user, address = pages["erasure_ask"]
    with_app(real(user))
    client = came_in(user)
    with later(minutes=11):
        page = client.get(address, follow=True)
        way, _status = page.redirect_chain[-1]
        assert way.startswith(reverse("mfa_reauthenticate"))
        answer = client.post(way, {"code": code()})
        assert answer.url == address
        assert client.get(address).status_code == 200


def test_an_emergency_that_runs_is_not_asked_again(world: World, pages: dict[str, tuple[User, str]]) -> None:
    user, address = pages["emergency"]
    opened = {"reason": "life_in_danger", "words": "Asked for by the hospital", "minutes": 30}
    actions.open_in_emergency(world.case, by=user, **opened)
    client = Client()
    sign_in(client, user, ago=11 * 60)
    assert client.get(address).status_code == 200


def test_a_password_confirms_where_there_is_no_factor(world: World) -> None:
    user = real(world.practitioner)
    client = Client()
    asked(client, user)
    with later(minutes=11):
        assert client.get(reverse("mfa_activate_totp")).status_code == 302
        client.post(CONFIRM, {"password": factories.PASSWORD})
        assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_what_was_written_is_not_lost(pages: dict[str, tuple[User, str]]) -> None:
    user, address = pages["erasure_ask"]
    client = Client()
    sign_in(client, user, ago=29 * 60)
    assert client.post(address, {"reason": "person_asked"}).status_code == 302
    sign_in(client, user, ago=31 * 60)
    answer = client.post(address, {"reason": "person_asked"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert 'name="reason" value="person_asked"' in page
    assert "Confirm in another tab" in page


def test_what_another_account_confirmed_does_not_count(world: World) -> None:
    client: Any = Client()
    sign_in(client, world.supervisor)
    session = client.session
    session["account_authentication_methods_user"] = str(world.caseworker.pk)
    session.save()
    address = reverse("cases:erasure_ask", args=[world.case.pk])
    assert client.get(address).url.startswith(CONFIRM)
