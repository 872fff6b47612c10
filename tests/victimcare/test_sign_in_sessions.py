"""A session begins with a key of its own, ends in time, and ends at once when it has to."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.factories import World
from tests.signing import asked, came_in, code, later, real, with_app
from victimcare import actions
from victimcare.models import Membership, Session, User
from victimcare.sign_in import actions as account_actions
from victimcare.sign_in.sessions import stored

HOME, CASELOAD = "/", "/cases/"


def key_of(client: Client) -> str:
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def with_key(key: str) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def is_in(client: Client) -> bool:
    return bool(client.get(HOME).status_code == 200)


@pytest.fixture
def worker(world: World) -> User:
    return with_app(real(world.caseworker))


def test_a_key_from_before_opens_nothing_afterwards(worker: User) -> None:
    """Fixation: at the password, and again at the second factor."""
    client = Client()
    asked(client, worker)
    between = key_of(client)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert is_in(client)
    assert key_of(client) != between
    assert not is_in(with_key(between))
    assert not Session.objects.filter(pk=stored(between)).exists()


def test_a_key_that_somebody_planted_is_not_taken(worker: User) -> None:
    planted = "a" * 32
    client = with_key(planted)
    asked(client, worker, code=code())
    assert key_of(client) != planted
    assert is_in(client)
    assert not is_in(with_key(planted))


def test_a_planted_session_is_not_signed_in(worker: User) -> None:
    """The attacker's own session, which exists, put into the victim's browser."""
    attacker = Client()
    attacker.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    planted = key_of(attacker)
    victim = with_key(planted)
    asked(victim, worker, code=code())
    assert is_in(victim)
    assert not is_in(attacker)


@pytest.mark.usefixtures("commits")
def test_setting_up_a_second_factor_changes_the_key(world: World) -> None:
    client, user = Client(), real(world.caseworker)
    asked(client, user)
    before = key_of(client)
    page = client.get(reverse("mfa_activate_totp"))
    client.post(reverse("mfa_activate_totp"), {"code": code(page.context["form"].secret)})
    assert is_in(client)
    assert not is_in(with_key(before))


@pytest.mark.parametrize(("method", "address"), [("post", "/account/logout/"), ("get", "/leave/")])
def test_after_signing_out_the_key_is_refused(worker: User, method: str, address: str) -> None:
    client = came_in(worker)
    key = key_of(client)
    answer = getattr(client, method)(address)
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not is_in(with_key(key))


def test_the_table_holds_no_key_that_opens(worker: User) -> None:
    client = came_in(worker)
    assert key_of(client) not in str(list(Session.objects.values()))
    for row in Session.objects.all():
        assert not is_in(with_key(row.session_key))


def test_a_disabled_account_is_out_at_once(world: World, worker: User) -> None:
    client = came_in(worker)
    assert is_in(client)
    account_actions.disable_account(worker, by=world.admin)
    assert not Session.objects.filter(user=worker).exists()
    assert not is_in(client)


def test_who_loses_a_role_sees_nothing_of_it_on_the_next_page(world: World, worker: User) -> None:
    client = came_in(worker)
    assert client.get(CASELOAD).status_code == 200
    actions.end_membership(Membership.objects.get(user=worker), by=world.admin)
    assert client.get(CASELOAD).status_code == 403


def test_a_session_left_alone_ends(worker: User) -> None:
    client = came_in(worker)
    with later(seconds=settings.SESSION_IDLE_SECONDS - 5):
        assert is_in(client)
    with later(seconds=2 * settings.SESSION_IDLE_SECONDS - 10):
        assert is_in(client)
    with later(seconds=3 * settings.SESSION_IDLE_SECONDS):
        assert not is_in(client)
    assert not is_in(client)


def test_a_session_ends_whatever_is_done_in_it(worker: User) -> None:
    """Also where something is stored in it all the while, and its key changed."""
    client = came_in(worker)
    step = settings.SESSION_IDLE_SECONDS - 60
    for passed in range(step, settings.SESSION_COOKIE_AGE - 60, step):
        with later(seconds=passed):
            session = client.session
            session["anything"] = passed
            session.cycle_key()
            session.save()
            client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
            assert is_in(client)
    with later(seconds=settings.SESSION_COOKIE_AGE + 1):
        assert not is_in(client)


def test_a_page_that_is_read_writes_the_session_once_a_minute(worker: User) -> None:
    client = came_in(worker)
    row = Session.objects.get(user=worker)
    with later(seconds=30):
        client.get(HOME)
        assert Session.objects.get(pk=row.pk).seen_at == row.seen_at
    with later(seconds=90):
        client.get(HOME)
        assert Session.objects.get(pk=row.pk).seen_at > row.seen_at


def test_a_changed_password_ends_the_other_sessions(worker: User) -> None:
    client, other = came_in(worker), Client()
    with later(seconds=31):
        asked(other, worker, code=code())
        new = "another long password"
        data = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
        client.post(reverse("account_change_password"), data)
        assert Session.objects.filter(user=worker).count() == 1
        assert is_in(client)
        assert not is_in(other)


def test_ones_sessions_are_listed_and_ended(world: World, login: Any) -> None:
    one, other = login(world.caseworker), login(world.caseworker)
    stranger = login(world.supervisor)
    page = one.get(reverse("sessions")).content.decode()
    assert page.count("This one") == 1
    ends = Session.objects.exclude(pk=stored(key_of(one)))
    for row in ends:
        one.post(reverse("session_end", args=[row.id]))
    assert is_in(one)
    assert not is_in(other)
    assert is_in(stranger)


def test_all_other_sessions_end_at_once(world: World, login: Any) -> None:
    one, others = login(world.caseworker), [login(world.caseworker) for _ in range(3)]
    stranger = login(world.supervisor)
    one.post(reverse("sessions_end_others"))
    assert is_in(one)
    assert not any(is_in(other) for other in others)
    assert is_in(stranger)


def test_the_browser_is_named_coarsely(worker: User) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    client = Client(HTTP_USER_AGENT=firefox)
    asked(client, worker, code=code())
    assert Session.objects.get(user=worker).browser == "Firefox, Windows"
    assert "Firefox, Windows" in client.get(reverse("sessions")).content.decode()


def test_what_is_over_is_swept_away(worker: User) -> None:
    came_in(worker)
    with later(hours=9):
        call_command("clearsessions")
    assert not Session.objects.exists()


SHOWN = """
import json
from django.conf import settings
ends = ("_COOKIE_NAME", "_COOKIE_SECURE", "_COOKIE_HTTPONLY", "_COOKIE_SAMESITE")
names = [f"{one}{end}" for one in ("SESSION", "CSRF", "LANGUAGE") for end in ends]
names += ["SESSION_IDLE_SECONDS", "SESSION_COOKIE_AGE"]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def settings_of(**environment: str) -> subprocess.CompletedProcess[str]:
    told = {key: value for key, value in os.environ.items() if key != "VICTIMCARE_LOCAL"} | environment
    command = [sys.executable, "-c", SHOWN]
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False)


def test_cookies_are_for_this_host_over_tls_and_for_no_script() -> None:
    found = json.loads(settings_of().stdout)
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        assert found[f"{name}_COOKIE_NAME"].startswith("__Host-")
        assert found[f"{name}_COOKIE_SECURE"] is found[f"{name}_COOKIE_HTTPONLY"] is True
        assert found[f"{name}_COOKIE_SAMESITE"] == "Lax"
    assert (found["SESSION_IDLE_SECONDS"], found["SESSION_COOKIE_AGE"]) == (30 * 60, 8 * 3600)


def test_limits_can_be_made_shorter_and_not_endless() -> None:
    shorter = json.loads(settings_of(SESSION_IDLE_MINUTES="5", SESSION_HOURS="2").stdout)
    assert (shorter["SESSION_IDLE_SECONDS"], shorter["SESSION_COOKIE_AGE"]) == (300, 7200)
    for wrong in ({"SESSION_IDLE_MINUTES": "61"}, {"SESSION_HOURS": "0"}, {"SESSION_HOURS": "x"}):
        refused = settings_of(**wrong)
        assert "must be a whole number from 1 to" in refused.stderr


def test_cookies_in_an_answer(worker: User, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    answer = asked(client, worker, code=code())
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["domain"], cookie["path"], cookie["max-age"]) == ("", "/", "")
    assert timezone.now() < Session.objects.get(user=worker).expire_date
