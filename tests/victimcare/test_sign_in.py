"""Attempts to sign in are counted by address and by account, by all processes together."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.signing import code
from tests.victimcare.test_pages import given_password

ATTACKER, COLLEAGUE = "203.0.113.9", "198.51.100.7"


def attempt(address, account, forged=""):
    """Through the proxy, which adds the address that it saw itself."""
    seen = f"{forged}, {address}" if forged else address
    page = Client().post(reverse("account_login"), account, headers={"x-forwarded-for": seen})
    return page.status_code


@pytest.fixture
def behind_a_proxy(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


@pytest.mark.usefixtures("behind_a_proxy")
def test_an_attacker_locks_only_their_own_address(world, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    account = given_password(world.caseworker)
    for number in range(60):
        attempt(ATTACKER, {"login": f"nobody-{number}", "password": "x"}, forged=f"192.0.2.{number}")
    assert attempt(ATTACKER, account) != 302
    assert attempt(COLLEAGUE, account) == 302


def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM victimcare_cache")
        return [key for (key,) in cursor.fetchall()]


def test_counters_lie_in_the_database_and_name_nobody(world):
    attempt(COLLEAGUE, {"login": world.caseworker.username, "password": "x"})
    assert rows()
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in rows())


def test_a_second_factor_code_is_good_once_for_all_processes(world):
    secret = "JBSWY3DPEHPK3PXP"
    factor = TOTP.activate(world.caseworker, secret)
    shown = code(secret)
    assert factor.validate_code(shown)
    assert len(rows()) == 1
    assert not factor.validate_code(shown)
    cache.clear()
    assert rows() == []
