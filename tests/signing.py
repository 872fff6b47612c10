"""Signing in without the form: what a session holds beside what Django's test client puts in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone

from tests import factories
from victimcare.models import User

OF_USER = "account_authentication_methods_user"


def sign_in(client: Client, user: User, *, ago: float = 0, **shown: Any) -> None:
    """Signed in by password `ago` seconds ago, or by what `shown` says of allauth's record of it."""
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    record = {"method": "password", "at": time.time() - ago} | shown
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [record]
    session[OF_USER] = str(user.pk)
    session.save()


class CountingHasher(MD5PasswordHasher):
    """Quick, and counts: how many passwords were compared, and how many hashes were computed at all."""

    algorithm = "counting"
    tried = computed = 0

    @classmethod
    def begin(cls) -> None:
        cls.tried = cls.computed = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).computed += 1
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        type(self).tried += 1
        return super().verify(password, encoded)


@contextmanager
def later(**delta: float) -> Iterator[None]:
    """The clocks of the product stand so much later inside the block; the database's own does not."""
    moved, now, seconds = timedelta(**delta), timezone.now, time.time
    with (
        patch("django.utils.timezone.now", lambda: now() + moved),
        patch("time.time", lambda: seconds() + moved.total_seconds()),
    ):
        yield


def real(user: User, password: str = factories.PASSWORD) -> User:
    """Not of a demonstration: with a password, and bound to show a second factor if a role needs one."""
    user.is_demonstration = False
    user.set_password(password)
    user.save()
    return user


SECRET, STEP = "JBSWY3DPEHPK3PXP", 30


def with_app(user: User) -> User:
    """Has an authenticator app, and recovery codes."""
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def code(secret: str = SECRET) -> str:
    """What the app shows now."""
    return auth.format_hotp_value(auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time())))


@contextmanager
def one_step() -> Iterator[None]:
    """The thirty seconds of a code do not end between the app that shows it and the page that asks for it:
    the app's clock stands in their middle, and goes on only where `later` says so.
    """
    began, beat = time.time(), time.monotonic()

    def counters() -> Iterator[int]:
        moved = time.time() - began - (time.monotonic() - beat)
        yield int(began // STEP * STEP + STEP / 2 + moved) // STEP

    with patch.object(auth, "yield_hotp_counters_from_time", counters):
        yield


def recovery_codes(user: User) -> list[str]:
    found = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return RecoveryCodes(found).get_unused_codes()


def asked(client: Client, user: User, password: str = factories.PASSWORD, **more: Any) -> Any:
    """What the sign-in form answers."""
    return client.post("/account/login/", {"login": user.username, "password": password} | more)


def came_in(user: User) -> Client:
    """Through the form, with password and code in one."""
    client = Client()
    assert asked(client, user, code=code()).url == "/"
    return client
