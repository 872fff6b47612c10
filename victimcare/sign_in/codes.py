"""Whether a code of a second factor is right: of the app, or one of the recovery codes.

Who knows a password could guess six digits from very many addresses. So after OF_ACCOUNT of them in a while
only a recovery code (eight digits, and not six) or a security key opens the account: neither can be guessed,
and the owner is not locked out by who tries.
"""

from functools import lru_cache
from typing import Any

from allauth.mfa.models import Authenticator

from victimcare.encryption import second_factors
from victimcare.sign_in.tries import Budget

OF_ADDRESS = Budget("code-from-address", 10)
# 100 of a million, every 15 minutes: one in a hundred in a day for who has the password already.
OF_ACCOUNT = Budget("code", 100)


def right(name: str, code: str, address: str) -> Any:
    """The factor of this account that the code belongs to, or None. A code is good once.

    For a name that nobody has, as much is done.
    """
    if not OF_ADDRESS.take(name, address):
        return None
    # Of each code: how many there were must not hang on who the account belongs to.
    may_be_short = OF_ACCOUNT.take(name)
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
