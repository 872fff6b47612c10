"""Opens sessions for people of the data set, as signing in with a second factor leaves them. A process of its
own: {user id: how many} in, {user id: [cookies]} out, both as JSON.
"""

import json
import sys
import time
from importlib import import_module
from typing import Any

import django

django.setup()

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.test import Client  # noqa: E402

from victimcare.models import User  # noqa: E402

OF_USER = "account_authentication_methods_user"


def open_session(user: User) -> str:
    """The value of its cookie."""
    session: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session[OF_USER] = str(user.pk)
    session.save()
    return str(session.session_key)


def cookies_of(user: User) -> dict[str, str]:
    return {settings.SESSION_COOKIE_NAME: open_session(user)}


def client_of(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.cookies.load(cookies_of(user))
    return client


def main() -> None:
    asked = json.load(sys.stdin)
    users = User.objects.in_bulk(asked)
    opened = {str(pk): [cookies_of(user) for _ in range(asked[str(pk)])] for pk, user in users.items()}
    json.dump(opened, sys.stdout)


if __name__ == "__main__":
    main()
