"""Who came in, and under whose name somebody was kept out, stands in the access log."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.factories import World
from tests.signing import asked, came_in, code, real, with_app
from victimcare import acting, actions, audit
from victimcare.accounts import AccountAdapter
from victimcare.models import AccessEntry, Role, User
from victimcare.models.logs import ENTRANCES, Action
from victimcare.sign_in import entries

SECOND, CONFIRM = "/account/second-factor/authenticate/", "/account/reauthenticate/"
UNKNOWN, KEY = "Zuleika Canary", '{"id": "x"}'


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.signing.CountingHasher"]


@pytest.fixture
def worker(world: World) -> User:
    return with_app(real(world.caseworker))


def lines() -> list[tuple[Any, ...]]:
    """At the door: what, whose account, where, of which state."""
    found = AccessEntry.objects.filter(action__in=ENTRANCES).order_by("at", "pk")
    return list(found.values_list("action", "by", "object_id", "organization", "member_state"))


def of(world: World, user: User, action: str) -> tuple[Any, ...]:
    return (action, user.pk, user.pk, world.agency.pk, world.agency.member_state_id)


def test_who_comes_in_leaves_a_line(world: World, worker: User) -> None:
    client = Client()
    asked(client, worker)
    assert lines() == [of(world, worker, "halfway")]
    client.post(SECOND, {"code": code()})
    assert lines() == [of(world, worker, "halfway"), of(world, worker, "sign_in")]


@pytest.mark.parametrize("given", [{}, {"code": "000000"}], ids=["password", "with a code"])
def test_a_wrong_password_leaves_a_line(world: World, worker: User, given: dict[str, str]) -> None:
    asked(Client(), worker, "not it", **given)
    assert lines() == [of(world, worker, "kept_out")]


def test_a_wrong_code_and_a_wrong_key_leave_a_line(world: World, worker: User) -> None:
    client = Client()
    asked(client, worker)
    client.post(SECOND, {"code": "000000"})
    client.post(SECOND, {"credential": KEY})
    assert lines()[1:] == 2 * [of(world, worker, "kept_out")]


def test_so_does_who_does_not_confirm_who_they_are(world: World) -> None:
    user, client = real(world.practitioner), Client()
    asked(client, user)
    client.post(CONFIRM, {"password": "not it"})
    assert [line[:2] for line in lines()] == [("sign_in", user.pk), ("kept_out", user.pk)]


def test_who_was_disabled_or_left_is_kept_out_where_they_worked(world: World, worker: User) -> None:
    worker.is_active = False
    worker.save()
    actions.end_membership(worker.memberships.get(), by=world.admin)
    asked(Client(), worker)
    assert lines() == [of(world, worker, "kept_out")]


def test_a_name_that_nobody_has_is_not_kept(world: World) -> None:
    """People write a password in its place."""
    Client().post("/account/login/", {"login": UNKNOWN, "password": "x"})
    Client().post("/account/second-factor/webauthn/login/", {"credential": KEY})
    assert lines() == 2 * [("kept_out", None, None, None, None)]
    assert UNKNOWN.lower() not in str(list(AccessEntry.objects.values())).lower()


@pytest.mark.parametrize("given", [{}, {"code": "000000"}], ids=["password", "with a code"])
def test_who_guesses_does_not_fill_the_log(world: World, worker: User, given: dict[str, str]) -> None:
    """Nobody empties it."""
    for number in range(2 * entries.OF_ACCOUNT.most):
        asked(Client(), worker, f"guess {number}", **given)
    assert set(lines()) == {of(world, worker, "kept_out")}
    assert len(lines()) <= entries.OF_ACCOUNT.most


def test_nor_does_who_guesses_names_or_keys(world: World) -> None:
    for number in range(2 * entries.OF_NOBODY.most):
        entries.kept_out(f"nobody {number}" if number % 2 else "")
    assert lines() == entries.OF_NOBODY.most * [("kept_out", None, None, None, None)]


def test_who_was_disabled_is_kept_out_by_a_passkey_too(world: World, worker: User) -> None:
    worker.is_active = False
    AccountAdapter().respond_user_inactive(HttpRequest(), worker)
    assert lines() == [of(world, worker, "kept_out")]


def test_an_auditor_reads_it(world: World, worker: User, login: Any) -> None:
    asked(Client(), worker, "not it")
    came_in(worker)
    today = timezone.localdate()
    given = {"account": worker.pk, "since": today - timedelta(days=1), "until": today}
    client = login(factories.member(Role.AUDITOR, world.body, None, "auditor"))
    page = client.get(reverse("access_log"), given).content.decode()
    assert "Signed in" in page
    assert "Kept out" in page
    assert re.search(r"\s1\s+<span>sign-ins that failed", client.get("/").content.decode())


def test_a_supervisor_does_not_read_when_their_people_came_in(world: World, worker: User) -> None:
    came_in(worker)
    audit.record(Action.READ, world.case, by=worker)
    supervisor = User.objects.get(pk=world.supervisor.pk)
    assert {line.action for line in AccessEntry.objects.visible_to(supervisor)} == {"read"}
    with acting.as_user(supervisor):
        assert {line.action for line in AccessEntry.objects.filter(by=worker)} == {"read"}
