"""Whether a user name and a password are right, for whom, and how often that is asked at all.

Of a name, known or not, ten passwords are tried in 15 minutes, from however many addresses they come. So who
guesses can use these up; the owner then gives the code of their second factor with the password. Without a
right code no password opens anything, and nobody is told whether it was one. A key or passkey is asked for no
password, and always works.

Each answer costs one hash of a password, whoever it is about and whether it was tried or not.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from victimcare.models import User
from victimcare.sign_in import addresses, codes, entries
from victimcare.sign_in.tries import Budget

OF_NAME = Budget("password", 10)
# Only who holds the second factor can use this up.
WITH_CODE = Budget("password-with-code", 10)
# An office shares one address: more than it needs in a minute, and never in the way of a code.
OF_ADDRESS = Budget("password-from-address", 60, timedelta(minutes=1))
# Somebody who is signed in says again who they are: nobody else's tries are in their way.
TO_CONFIRM = Budget("password-to-confirm", 10)


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose name and password they were, and by which factor the code was right, if there was one."""

    user: User
    factor: Any = None


def right(request: HttpRequest, name: str, password: str, code: str = "") -> Shown | None:
    name = name.strip().lower()
    if code:
        return _with_code(request, name, password, code)
    if not (OF_ADDRESS.take(addresses.counted(request)) and OF_NAME.take(name)):
        _not_tried(password)
        return None
    user = _tried(request, name, password)
    if user is None:
        entries.kept_out(name)
        return None
    OF_NAME.give_back(name)
    return Shown(user)


def _with_code(request: HttpRequest, name: str, password: str, code: str) -> Shown | None:
    user = _tried(request, name, password)
    factor = codes.right(name, code, by_owner=user is not None)
    if factor is None or not WITH_CODE.take(name) or user is None:
        entries.kept_out(name)
        return None
    return Shown(user, factor)


def _tried(request: HttpRequest, name: str, password: str) -> User | None:
    """The hash is computed once for a name that nobody has, too, and for an account that is disabled."""
    user: User | None = authenticate(request, username=name, password=password)
    # Else allauth would tell who knows the password of a disabled account that it is one.
    AuthenticationBackend.unstash_authenticated_user()
    return user


def _not_tried(password: str) -> User | None:
    make_password(password)
    return None


def confirms(user: User, password: str) -> bool:
    """Somebody who is signed in writes their password once more."""
    if not TO_CONFIRM.take(str(user.pk)):
        _not_tried(password)
        return False
    if user.check_password(password):
        return True
    entries.kept_out(user.username)
    return False
