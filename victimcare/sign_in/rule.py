"""Who has to show a second factor, and what was shown in a session. The rule, in one place:

**Whoever reads anything about a person, or holds keys to it, signs in with a second factor.** That is every
role but two: a practitioner reads their own file only, and an analyst published figures. A role that is new
needs one until somebody says here why it does not.

A demonstration's invented accounts may go without, on the machine itself (`make run`) and nowhere else.
"""

import ipaddress
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

from victimcare import access
from victimcare.models import Role, User

MAY_GO_WITHOUT = frozenset({Role.PRACTITIONER, Role.ANALYST})
# Recovery codes stand in for one of these: alone they are none.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

Record = dict[str, Any]


def is_needed(user: User) -> bool:
    """One of the user's roles needs a second factor."""
    return any(Role(one.role) not in MAY_GO_WITHOUT for one in access.memberships(user))


def is_missing(request: HttpRequest, user: User) -> bool:
    """This session may open nothing yet but the set-up of a second factor."""
    return is_needed(user) and not was_shown(request, user) and not _is_shown_around(request, user)


def has_one(user: User) -> bool:
    found: bool = is_mfa_enabled(user, FACTORS)
    return found


def was_shown(request: HttpRequest, user: User) -> bool:
    """In this session: by a code, a recovery code, a key, or by setting one of them up."""
    return any(_is_factor(record) for record in get_authentication_records(request, user))


def forget_shown(request: HttpRequest) -> None:
    """After the last one was taken away."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    kept = [record for record in records if not _is_factor(record)]
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = kept


def _is_factor(record: Record) -> bool:
    return record.get("method") == "mfa"


def _is_shown_around(request: HttpRequest, user: User) -> bool:
    return bool(settings.LOCAL and user.is_demonstration and is_loopback(request))


def is_loopback(request: HttpRequest) -> bool:
    """Comes from this machine, through no proxy."""
    try:
        came_from = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return came_from.is_loopback and "X-Forwarded-For" not in request.headers
