"""The page shell: signing in with a second step, moving about, templates that the content policy allows."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.signing import code
from victimcare.forms import Form

APPS = ("victimcare", "certification", "cases", "referrals")
TEMPLATES = sorted(path for app in APPS for path in (settings.BASE_DIR / app / "templates").rglob("*.html"))
INLINE = re.compile(
    r"\sstyle\s*=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|https?://(?!www\.w3\.org)", re.I
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_has_nothing_inline_and_nothing_from_elsewhere(path: Path):
    assert not INLINE.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "planted", ['<p style="x">', "<script>1</script>", '<a onclick="x">', '<img src="https://x">']
)
def test_guard_of_templates_finds_what_is_planted(planted):
    assert INLINE.search(planted)


def given_password(user):
    user.set_password(factories.PASSWORD)
    user.save()
    return {"login": user.username, "password": factories.PASSWORD}


def test_signing_in_is_not_announced(world):
    page = Client().post(reverse("account_login"), given_password(world.caseworker), follow=True)
    assert page.status_code == 200
    assert not page.context["messages"]


def test_second_step_is_turned_on_asked_for_and_turned_off(world):
    client, account = Client(), given_password(world.caseworker)
    assert client.post(reverse("account_login"), account).url == reverse("home")
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert 'src="data:image/svg+xml' in page.content.decode()
    client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
    assert client.get(reverse("mfa_generate_recovery_codes")).status_code == 200

    again = Client()
    assert again.post(reverse("account_login"), account).url == reverse("mfa_authenticate")
    assert again.get(reverse("mfa_authenticate")).status_code == 200
    assert again.get(reverse("home")).status_code == 302

    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    assert Client().post(reverse("account_login"), account).url == reverse("home")


def test_wrong_password_says_so_without_saying_which_part_is_wrong(world):
    account = given_password(world.caseworker) | {"password": "wrong"}
    page = Client().post(reverse("account_login"), account)
    assert page.status_code == 200
    assert 'class="vc-errors"' in page.content.decode()


@pytest.mark.parametrize(
    "name",
    ["mfa_index", "account_change_password", "account_reauthenticate", "account_logout"],
)
def test_pages_of_the_account_are_our_own(world, login, name):
    given_password(world.caseworker)
    page = login(world.caseworker).get(reverse(name), follow=True)
    assert page.status_code == 200
    assert 'class="vc-leave"' in page.content.decode()
    assert "script-src 'self'" in page["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_inactive"])
def test_pages_before_signing_in_are_our_own(db, name):
    page = Client().get(reverse(name))
    assert page.status_code == 200
    assert 'class="vc-leave"' in page.content.decode()


@pytest.mark.parametrize("page", ["password/reset/", "password/set/", "email/", "confirm-email/"])
def test_a_mailbox_opens_nothing(world, login, page):
    for client in (Client(), login(world.caseworker)):
        assert client.get(f"/account/{page}").status_code == 404
        assert client.post(f"/account/{page}", {"email": "somebody@example.org"}).status_code == 404


def test_home_greets_and_names_the_workplace_but_the_title_does_not(world, login):
    page = login(world.caseworker).get(reverse("home")).content.decode()
    title = re.search(r"<title>(.*?)</title>", page, re.S)
    assert title
    assert world.caseworker.name in page
    assert world.caseworker.name not in title[1]


@pytest.mark.parametrize("language", ["en", "es", "pt-br", "fr"])
def test_a_page_says_which_language_it_is_in(world, login, language):
    world.caseworker.language = language
    world.caseworker.save()
    page = login(world.caseworker).get(reverse("home"), headers={"accept-language": "en"})
    assert page["Content-Language"] == language
    assert f'<html lang="{language}"' in page.content.decode()


@pytest.mark.parametrize(("method", "address"), [("post", "/account/logout/"), ("get", "/leave/")])
def test_page_that_signs_out_answers_in_the_language_of_who_left(world, login, method, address):
    world.caseworker.language = "es"
    world.caseworker.save()
    answer = getattr(login(world.caseworker), method)(address)
    assert (answer.status_code, answer["Content-Language"]) == (302, "es")


def test_unknown_address_is_404_in_the_shell(world, login):
    page = login(world.caseworker).get("/nothing-here/")
    assert page.status_code == 404
    assert 'class="vc-menu' in page.content.decode()
    assert Client().get("/nothing-here/").status_code == 404


def test_server_error_page_needs_neither_user_nor_database():
    assert 'class="vc-leave"' in render_to_string("500.html")


class Asked(Form):
    way = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, label="Way")
    words = forms.CharField(label="Words")
    groups = (("Both", "", ("way", "words")),)


def test_error_summary_leads_to_the_first_control_of_each_field():
    page = render_to_string("victimcare/parts/form.html", {"form": Asked({}), "submit": "Send"})
    targets = re.findall(r'<a href="#([^"]+)"', page)
    assert targets == ["id_way_0", "id_words"]
    for target in targets:
        assert page.count(f'id="{target}"') == 1
