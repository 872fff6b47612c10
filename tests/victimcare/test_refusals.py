"""What people see in place of a page, and that what they wrote is not lost."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Note
from tests import factories
from victimcare.models import Session

HERE = {"origin": "http://testserver"}
WORDS = 'She said: "I am <safe> & well."\nSecond line.'


def sent_by(page):
    """What the page's button "Send it again" sends."""
    form = re.search(r'<form method="post" action="/cases/.*?</form>', page.content.decode(), re.DOTALL)
    return {name: unescape(value) for name, value in re.findall(r'name="(\w+)"\s+value="([^"]*)"', form[0])}


@pytest.fixture
def address(world):
    return reverse("cases:note_add", args=[world.case.pk])


@pytest.fixture
def account(world):
    world.caseworker.set_password(factories.PASSWORD)
    world.caseworker.save()
    return {"login": world.caseworker.username, "password": factories.PASSWORD}


@pytest.fixture
def browser(account):
    """A client that minds CSRF as a browser's server does, signed in with a password."""
    client = Client(enforce_csrf_checks=True)
    sign_in(client, account)
    return client


def sign_in(client, account):
    token = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(reverse("account_login")).content.decode()
    )
    answer = client.post(reverse("account_login"), account | {"csrfmiddlewaretoken": token[1]}, headers=HERE)
    assert answer.status_code == 302


def written(browser, address):
    """The form as the user fills it in, with the token that its page was given."""
    page = browser.get(address).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return fields | {"text": WORDS, "kind": "contact"}


def test_what_was_written_survives_the_end_of_a_session(world, browser, account, address):
    form = written(browser, address)
    Session.objects.all().delete()
    page = browser.post(address, form, headers=HERE)
    assert page.status_code == 403
    assert "You were signed out" in page.content.decode()
    assert Note.objects.count() == 0

    sign_in(browser, account)  # in another tab: the token of the first one is worthless now
    page = browser.post(address, sent_by(page), headers=HERE)
    assert page.status_code == 403
    assert "Please send it once more" in page.content.decode()
    assert Note.objects.count() == 0

    assert browser.post(address, sent_by(page), headers=HERE).status_code == 302
    assert Note.objects.get().text.replace("\r\n", "\n") == WORDS


def test_nothing_is_kept_of_what_a_signed_out_browser_sends(world, browser, address):
    form = written(browser, address)
    Session.objects.all().delete()
    page = browser.post(address, form, headers=HERE)
    assert page["Cache-Control"] == "no-store"
    assert not Session.objects.exists()


@pytest.mark.parametrize("origin", [None, "null", "https://testserver", "http://elsewhere.example"])
def test_words_of_another_site_are_not_offered_to_be_sent(world, browser, address, origin):
    page = browser.post(address, {"text": WORDS}, headers={"origin": origin} if origin else {})
    assert page.status_code == 403
    assert "Second line" not in page.content.decode()


def test_a_password_is_never_sent_back(world, browser):
    for name in ("account_change_password", "account_reauthenticate", "account_login"):
        page = browser.post(reverse(name), {"password": "Sesame", "oldpassword": "Sesame"}, headers=HERE)
        assert "Sesame" not in page.content.decode()


def test_reading_while_signed_out_still_leads_to_the_login(world, address):
    assert Client().get(address).url == f"{reverse('account_login')}?next={address}"


@pytest.mark.parametrize("limit", ["DATA_UPLOAD_MAX_MEMORY_SIZE", "DATA_UPLOAD_MAX_NUMBER_FIELDS"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_is_too_large_is_refused_calmly_and_in_the_users_language(
    world, login, address, settings, limit, signed_in
):
    setattr(settings, limit, 1)
    client = login(world.caseworker) if signed_in else Client()
    page = client.post(address, {"text": WORDS, "kind": "contact", "other": "x"})
    assert page.status_code == 400
    assert 'class="vc-leave"' in page.content.decode()
    assert "This could not be accepted" in page.content.decode()
