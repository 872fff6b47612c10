"""Somebody new comes in by a link that works once and not for long, and tells nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from tests import factories
from tests.factories import World
from tests.signing import asked, later, real
from victimcare import actions as base
from victimcare.models import Invitation, Membership, Role, User
from victimcare.sign_in import actions

INVITE, NEW = "/members/invite/", "a new long password"


@pytest.fixture
def asked_for(world: World) -> dict[str, Any]:
    return {
        "name": "Nadia Invented", "username": "Nadia", "email": "nadia@example.org", "language": "es",
        "organization": world.agency.pk, "role": "caseworker", "team": world.team.pk,
    }  # fmt: skip


def link_in(page: Any) -> str:
    found = re.search(r"http://testserver(/account/invitation/[\w-]+/)", page.content.decode())
    assert found
    return found[1]


@pytest.fixture
def invite(world: World, login: Any, asked_for: dict[str, Any], commits: None) -> Callable[[], str]:
    return lambda: link_in(login(world.admin).post(INVITE, asked_for))


@pytest.fixture
def link(invite: Callable[[], str]) -> str:
    return invite()


def accepted(client: Client, link: str, password: str = NEW) -> Any:
    return client.post(link, {"password1": password, "password2": password})


def test_somebody_new_comes_in_and_sets_up_a_second_factor(link: str) -> None:
    client = Client()
    assert "nadia" in client.get(link).content.decode()
    assert accepted(client, link).url == "/"
    assert client.get("/").url == "/account/second-factor/"
    nadia = User.objects.get(username="nadia")
    assert (nadia.check_password(NEW), nadia.is_demonstration) == (True, False)
    assert Membership.objects.active().filter(user=nadia, role=Role.CASEWORKER).exists()
    assert asked(Client(), nadia, NEW).url == "/"


def test_the_mail_has_the_link_and_nothing_else(invite: Callable[[], str]) -> None:
    link = invite()
    [letter] = mail.outbox
    text = f"{letter.subject} {letter.body}".lower()
    assert link.lower() in text
    assert not any(word in text for word in ("nadia", "agency", "north", "caseworker", "victim"))


def test_the_link_is_kept_nowhere(invite: Callable[[], str]) -> None:
    link = invite()
    token = link.split("/")[-2]
    assert token not in str(list(Invitation.objects.values()))
    assert "nadia" not in link.lower()


def test_a_link_works_once(link: str) -> None:
    assert accepted(Client(), link).status_code == 302
    for answer in (Client().get(link), accepted(Client(), link, "somebody elses password")):
        assert answer.status_code == 410
        assert "does not work any more" in answer.content.decode()
    assert User.objects.get(username="nadia").check_password(NEW)


def test_a_link_grows_old(link: str) -> None:
    with later(hours=71):
        assert Client().get(link).status_code == 200
    with later(hours=73):
        assert Client().get(link).status_code == 410
        assert accepted(Client(), link).status_code == 410
    assert not User.objects.get(username="nadia").has_usable_password()


def test_a_withdrawn_link(world: World, login: Any, link: str) -> None:
    nadia = User.objects.get(username="nadia")
    membership = Membership.objects.get(user=nadia)
    admin = login(world.admin)
    assert "The link works until" in admin.get(f"/members/{membership.pk}/account/").content.decode()
    admin.post(f"/members/{membership.pk}/account/invitation/withdraw/")
    assert Client().get(link).status_code == 410
    assert accepted(Client(), link).status_code == 410


def test_another_link_takes_the_place_of_the_first(world: World, login: Any, link: str) -> None:
    membership = Membership.objects.get(user__username="nadia")
    address = f"/members/{membership.pk}/account/invitation/"
    another = link_in(login(world.admin).post(address))
    assert Client().get(link).status_code == 410
    assert accepted(Client(), another).status_code == 302
    page = login(world.admin).post(address, follow=True).content.decode()
    assert "has set a password already" in page


def test_a_disabled_account_does_not_come_in(world: World, link: str) -> None:
    actions.disable_account(User.objects.get(username="nadia"), by=world.admin)
    assert accepted(Client(), link).status_code == 410


def test_an_unknown_link_is_no_page(db: None) -> None:
    assert Client().get("/account/invitation/no-such-link/").status_code == 404


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("short", "short", "too short"),
        (NEW, "another one entirely", "two passwords differ"),
        ("", "", "here"),
    ],
)
def test_a_bad_password_is_said_in_words(link: str, first: str, second: str, words: str) -> None:
    User.objects.filter(username="nadia").update(language="en")
    answer = Client().post(link, {"password1": first, "password2": second})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not User.objects.get(username="nadia").has_usable_password()


@pytest.mark.parametrize("taken", ["caseworker", "CaseWorker"])
def test_a_taken_name(world: World, login: Any, asked_for: dict[str, Any], taken: str) -> None:
    assert world.caseworker
    page = login(world.admin).post(INVITE, asked_for | {"username": taken}).content.decode()
    assert "There is an account with this user name already." in page


def test_a_role_that_does_not_fit_makes_no_account(
    world: World, login: Any, asked_for: dict[str, Any]
) -> None:
    page = login(world.admin).post(INVITE, asked_for | {"team": ""}).content.decode()
    assert "Choose a team" in page
    assert not User.objects.filter(username="nadia").exists()


def test_only_an_administrator_of_that_organisation_invites(world: World) -> None:
    for by in (world.supervisor, factories.member(Role.ADMIN, world.shelter)):
        with pytest.raises(PermissionDenied):
            actions.invite(
                User(username="x", name="X"), world.agency, world.team, Role.CASEWORKER, at=str, by=by
            )
    assert not User.objects.filter(username="x").exists()


def test_an_account_with_a_password_gets_no_link(world: World) -> None:
    """Its administrator would come in by it."""
    with pytest.raises(ValidationError, match="has set a password already"):
        actions.invite_again(real(world.caseworker), world.agency, at=str, by=world.admin)


def test_whose_work_ended_comes_in_by_no_link(world: World, link: str) -> None:
    """It may have gone to a wrong mailbox."""
    membership = Membership.objects.get(user__username="nadia")
    base.end_membership(membership, by=world.admin)
    assert Client().get(link).status_code == 410
    assert accepted(Client(), link).status_code == 410
