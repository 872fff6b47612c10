"""Whether a code of a second factor is right: of the app, or one of the recovery codes.

Who knows a password, or sits at an open session, could guess six digits from very many addresses. So after
OF_ACCOUNT of them in a while only a recovery code (sixteen digits) or a security key opens the account. Who
has neither is not counted: else anybody who knows a name could close its owner's app.
"""

from functools import lru_cache
from typing import Any

from allauth.mfa.models import Authenticator

from victimcare.encryption import second_factors
from victimcare.sign_in.tries import Budget

# 100 of a million, every 15 minutes: one in a hundred in a day for who has the password already.
OF_ACCOUNT = Budget("code", 100)
# In place of it, for who has not: the answer is no anyway, and has to take as long.
OF_NOBODY = Budget("code-without-password", 100)


def right(name: str, code: str, *, by_owner: bool) -> Any:
    """The factor of this account that the code belongs to, or None. A code is good once. `by_owner`: who
    gives it has shown the password, now or when they signed in.

    For a name that nobody has, as much is done.
    """
    # Of each code: how many there were must not hang on who the account belongs to.
    may_be_short = (OF_ACCOUNT if by_owner else OF_NOBODY).take(name)
    factors = [one for one in _of_account(name) if may_be_short or not _is_short(one)]
    if not factors:
        second_factors.unwrapped(_nobodys())
    return next((one for one in factors if one.wrap().validate_code(code)), None)


def _of_account(name: str) -> list[Any]:
    found = Authenticator.objects.filter(user__username=name, user__is_active=True)
    return list(
        found.exclude(type=Authenticator.Type.WEBAUTHN).select_related("user").order_by("-type", "pk")
    )


def _is_short(factor: Any) -> bool:
    return bool(factor.type == Authenticator.Type.TOTP)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return second_factors.wrapped("nobody")
