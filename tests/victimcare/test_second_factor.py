"""A second factor is needed by who reads of persons; without one nothing opens but its set-up."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.factories import World
from tests.signing import asked, came_in, code, later, real, recovery_codes, sign_in, with_app
from victimcare.models import AccessEntry, Membership, Role, Session, User
from victimcare.sign_in import actions, middleware, rule

INDEX, AUTHENTICATE = "/account/second-factor/", "/account/second-factor/authenticate/"
ROLES = ["caseworker", "supervisor", "provider", "officer", "examiner", "coordinator", "admin"]


@pytest.fixture
def worker(world: World) -> User:
    return with_app(real(world.caseworker))


@pytest.fixture
def plain(world: World) -> User:
    """Needs one, and has none yet."""
    return real(world.caseworker)


def test_every_role_needs_one_but_two() -> None:
    assert set(Role) - rule.MAY_GO_WITHOUT >= {*map(Role, ROLES), Role.AUDITOR}
    assert {Role.PRACTITIONER, Role.ANALYST} == rule.MAY_GO_WITHOUT


@pytest.mark.parametrize("role", ROLES)
def test_without_one_they_get_nowhere(world: World, role: str) -> None:
    user, client = real(getattr(world, role)), Client()
    assert asked(client, user).url == "/"
    for address in ("/", "/cases/", "/referrals/inbox/", "/members/", "/log/", "/account/sessions/"):
        for answer in (client.get(address), client.post(address)):
            assert (answer.status_code, answer.url) == (302, INDEX)
    assert "Please set up one of these first" in client.get(INDEX).content.decode()


def test_a_practitioner_may_go_without(world: World) -> None:
    client = Client()
    asked(client, real(world.practitioner))
    assert client.get("/").status_code == 200


def test_what_stays_open_is_set_up_and_the_ways_out() -> None:
    for name in middleware.OPEN | middleware.SET_UP:
        assert name.startswith("mfa_") or name in {
            "account_reauthenticate", "account_logout", "language", "leave", "healthz",
        }  # fmt: skip


@pytest.mark.usefixtures("commits")
def test_setting_one_up_opens_the_rest(plain: User) -> None:
    client = Client()
    asked(client, plain)
    page = client.get(reverse("mfa_activate_totp"))
    shown = code(page.context["form"].secret)
    client.post(reverse("mfa_activate_totp"), {"code": shown})
    assert client.get("/").status_code == 200
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
    assert AccessEntry.objects.filter(object_label="victimcare.User", by=plain).exists()


@pytest.mark.usefixtures("commits")
def test_a_factor_ends_the_sessions_from_before(plain: User) -> None:
    """They may be of who knew the password before there was one."""
    thief, client = Client(), Client()
    for one in (thief, client):
        asked(one, plain)
    shown = code(client.get(reverse("mfa_activate_totp")).context["form"].secret)
    client.post(reverse("mfa_activate_totp"), {"code": shown})
    assert client.get("/").status_code == 200
    assert thief.get("/").url.startswith("/account/login/")


@pytest.mark.parametrize("name", sorted(middleware.SET_UP))
def test_who_has_one_sets_up_no_other_before_it_is_shown(worker: User, name: str) -> None:
    """A password alone would lead past the first one."""
    client = Client()
    sign_in(client, worker)
    assert client.get(reverse(name)).url == reverse("mfa_reauthenticate")


def test_a_password_confirms_nothing_for_who_has_one(worker: User) -> None:
    client = came_in(worker)
    with later(minutes=11):
        client.post("/account/reauthenticate/", {"password": factories.PASSWORD})
        assert client.get(reverse("mfa_view_recovery_codes")).status_code == 302


def test_who_set_one_up_elsewhere_shows_it_here(worker: User) -> None:
    client = Client()
    sign_in(client, worker)
    assert client.get("/").url == reverse("mfa_reauthenticate")
    client.post(reverse("mfa_reauthenticate"), {"code": code()})
    assert client.get("/").status_code == 200


@pytest.mark.usefixtures("commits")
def test_taking_the_last_one_away_leads_to_another(worker: User) -> None:
    client, other = came_in(worker), Client()
    with later(seconds=31):
        asked(other, worker, code=code())
        client.post(reverse("mfa_deactivate_totp"))
        assert client.get("/").url == INDEX
        assert other.get("/").status_code == 302
    assert not Authenticator.objects.filter(user=worker).exists()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_demonstration_goes_without_on_this_machine(world: World, login: Any, address: str) -> None:
    assert login(world.caseworker).get("/", REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize(
    ("address", "more"),
    [("203.0.113.9", {}), ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}), ("", {})],
)
def test_a_demonstration_does_not_from_elsewhere(
    world: World, login: Any, address: str, more: dict[str, str]
) -> None:
    assert login(world.caseworker).get("/", REMOTE_ADDR=address, **more).status_code == 302


def test_a_demonstration_does_not_on_a_server(world: World, login: Any, settings: Any) -> None:
    settings.LOCAL = False
    assert login(world.caseworker).get("/").url == INDEX


def test_a_code_is_good_once_at_the_second_step(worker: User) -> None:
    first, second = Client(), Client()
    shown = code()
    asked(first, worker)
    asked(second, worker)
    assert first.post(AUTHENTICATE, {"code": shown}).url == "/"
    assert second.post(AUTHENTICATE, {"code": shown}).status_code == 200


def test_a_recovery_code_stands_in_once(worker: User) -> None:
    kept = recovery_codes(worker)[0]
    for expected in (302, 200):
        client = Client()
        asked(client, worker)
        assert client.post(AUTHENTICATE, {"code": kept}).status_code == expected


def test_the_secret_lies_encrypted(worker: User) -> None:
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert "JBSWY3DPEHPK3PXP" not in stored


# -- Disabling, enabling, taking a factor away ---------------------------------------------------------------


def entries(user: User) -> int:
    return AccessEntry.objects.filter(action="change", object_id=user.pk).count()


def of_account(user: User, name: str) -> str:
    return reverse(f"members:{name}", args=[Membership.objects.get(user=user).pk])


def test_an_administrator_disables_and_enables(world: World, worker: User, login: Any) -> None:
    admin = login(world.admin)
    came_in(worker)
    page = admin.post(of_account(worker, "disable"), follow=True).content.decode()
    assert "Disabled" in page
    assert not Session.objects.filter(user=worker).exists()
    with later(seconds=31):
        assert asked(Client(), worker, code=code()).status_code == 200
    admin.post(of_account(worker, "enable"))
    with later(seconds=62):
        assert asked(Client(), worker, code=code()).url == "/"
    changed = AccessEntry.objects.filter(action="change", object_id=worker.pk)
    assert {line.organization for line in changed} == {world.agency}
    assert entries(worker) == 2


def test_an_administrator_does_not_disable_themselves(world: World, login: Any) -> None:
    page = login(world.admin).post(of_account(world.admin, "disable")).content.decode()
    assert "Another administrator has to do this." in page
    assert User.objects.get(pk=world.admin.pk).is_active


@pytest.mark.parametrize("act", [actions.disable_account, actions.enable_account, actions.reset_factor])
def test_nobody_else_and_nobody_of_another_organisation(world: World, worker: User, act: Any) -> None:
    foreign = factories.member(Role.ADMIN, world.shelter)
    for by in (world.supervisor, foreign):
        with pytest.raises(PermissionDenied):
            act(worker, by=by)


def test_one_organisation_does_not_decide_for_another(world: World, worker: User) -> None:
    """Whose administrator added the account to get at it, for one."""
    Membership.objects.create(user=worker, organization=world.shelter, role=Role.PROVIDER)
    for by in (world.admin, factories.member(Role.ADMIN, world.shelter)):
        with pytest.raises(ValidationError, match="works in another organisation too"):
            actions.reset_factor(worker, by=by)
    assert rule.has_one(worker)


@pytest.mark.usefixtures("commits")
def test_a_lost_factor_is_taken_away_and_its_owner_told(world: World, worker: User, login: Any) -> None:
    worker.email = "worker@example.org"
    worker.save()
    came_in(worker)
    login(world.admin).post(of_account(worker, "reset_factor"))
    assert not rule.has_one(worker)
    assert not Session.objects.filter(user=worker).exists()
    [letter] = mail.outbox
    text = f"{letter.subject} {letter.body}"
    assert "Your second sign-in step was taken away" in text
    assert not any(name in text for name in (worker.name, worker.username, "Agency"))
    client = Client()
    assert asked(client, worker).url == "/"
    assert client.get("/").url == INDEX


def test_taking_a_factor_away_needs_a_confirmation(world: World, worker: User) -> None:
    client = Client()
    sign_in(client, world.admin, ago=11 * 60)
    assert client.get(of_account(worker, "reset_factor")).url.startswith(reverse("account_reauthenticate"))
    assert rule.has_one(worker)


def test_the_operator_does_it_on_the_server(worker: User, capsys: Any) -> None:
    call_command("account", "disable", worker.username)
    assert not User.objects.get(pk=worker.pk).is_active
    call_command("account", "enable", worker.username)
    call_command("account", "reset-factor", worker.username)
    assert User.objects.get(pk=worker.pk).is_active
    assert not rule.has_one(worker)
    assert entries(worker) == 3
    with pytest.raises(CommandError, match="no account of that name"):
        call_command("account", "disable", "nobody")
