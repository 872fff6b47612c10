"""What is answered outside of a page, or when somebody leaves: the same headers, calm words, nothing kept."""

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client
from django.urls import reverse

from tests.edges.headers import missing
from victimcare.encryption.keyring import SubjectErased
from victimcare.encryption.roots import KeyUnavailable
from victimcare.views import Home

pytestmark = pytest.mark.django_db
YEAR = 31_536_000


def failing(error: Exception) -> Callable[[Any], Any]:
    def answer(world: Any) -> Any:
        client = Client(raise_request_exception=False)
        client.force_login(world.caseworker)
        with mock.patch.object(Home, "get", side_effect=error):
            return client.get("/")

    return answer


def not_ready(world: Any) -> Any:
    with mock.patch("victimcare.erasure_ledger.brought_back", return_value=True):
        return Client().get("/")


def stylesheet(world: Any, **headers: str) -> Any:
    answer = Client().get(staticfiles_storage.url("victimcare/app.css"), headers=headers)
    answer.close()
    return answer


def unchanged(world: Any) -> Any:
    return stylesheet(world, **{"If-Modified-Since": stylesheet(world)["Last-Modified"]})


# What is answered outside of a page, and the status.
ELSEWHERE: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "a crash": (500, failing(RuntimeError())),
    "an erased person": (410, failing(SubjectErased())),
    "no root key": (503, failing(KeyUnavailable())),
    "a restored backup": (503, not_ready),
    "a foreign host": (400, lambda world: Client().get("/", headers={"host": "elsewhere.example"})),
    "no such address": (404, lambda world: Client().get("/nothing-here/")),
    "no such static file": (404, lambda world: Client().get("/static/nothing.css")),
    "a slash is missing": (301, lambda world: Client().get(reverse("access_log").rstrip("/"))),
    "nobody is signed in": (302, lambda world: Client().get("/")),
    "a forged form": (403, lambda world: Client(enforce_csrf_checks=True).post(reverse("language"))),
    "a stylesheet": (200, stylesheet),
    "a stylesheet that did not change": (304, unchanged),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_answered_outside_of_a_page_has_the_headers(world, name):
    status, ask = ELSEWHERE[name]
    answer = ask(world)
    assert answer.status_code == status
    assert missing(answer, static="stylesheet" in name) == []


def test_https_alone_for_a_year(db, settings):
    """An installation leads to https, and tells the browser to come no other way."""
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, YEAR
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    led = Client().get("/account/login/")
    assert (led.status_code, led.url) == (301, "https://testserver/account/login/")
    assert missing(led) == []
    page = Client().get("/account/login/", secure=True)
    assert page["Strict-Transport-Security"] == f"max-age={YEAR}; includeSubDomains"


@pytest.mark.parametrize("way", ["leave", "account_logout"])
def test_signing_out_clears_what_the_browser_keeps(world, login, way):
    client = login(world.caseworker)
    answer = client.get(reverse(way)) if way == "leave" else client.post(reverse(way))
    assert answer.status_code == 302
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'


@pytest.mark.parametrize("language", ["en", "es", "pt-br", "fr"])
def test_an_address_that_is_no_page_says_so_calmly(world, login, language):
    world.caseworker.language = language
    world.caseworker.save()
    answer = login(world.caseworker).post(reverse("home"))
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, OPTIONS"
    assert 'class="vc-leave"' in answer.content.decode()
    assert f'<html lang="{language}"' in answer.content.decode()
