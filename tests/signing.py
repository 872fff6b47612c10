"""Signing in without the form: what a session holds beside what Django's test client puts in."""

import time
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.test import Client

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
