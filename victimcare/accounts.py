"""How allauth signs people in here: nobody signs up by themselves, tries are counted (victimcare/sign_in),
and the secrets of second factors are encrypted.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.internal.flows import post_authentication
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from victimcare import step_up
from victimcare.encryption import second_factors
from victimcare.models import User
from victimcare.sign_in import browsers, entries, passwords, sessions

PRODUCT = "VictimCare"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        # The same for a name that nobody has, a wrong password, a disabled account, and too many tries.
        "username_password_mismatch": _(
            "That did not open an account. Look at the user name and the password. After many tries in a"
            " short time a code is needed as well: write the one that your authenticator app shows now, or a"
            " recovery code."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by an administrator."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        given = (credentials.get(name) or "" for name in ("username", "password", "code"))
        shown = passwords.right(request, *given)
        if shown is None:
            return None
        shown.user.shown_factor = shown.factor  # type: ignore[attr-defined]  # on this instance only
        return shown.user

    def reauthenticate(self, user: User, password: str) -> bool:
        return passwords.confirms(user, password)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """The password was right: whoever knew the session's key before knows it no longer."""
        request.session.cycle_key()
        if factor := getattr(user, "shown_factor", None):
            post_authentication(request, factor)
        refused: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return refused

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        entries.kept_out(user.username)
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        entries.came_in(user)
        request.session[sessions.BROWSER] = browsers.in_words(request)

    def set_password(self, user: User, password: str) -> None:
        """Other sessions end: they may be of who knew the old one."""
        super().set_password(user, password)
        sessions.end_all(user, but=self.request.session.session_key)

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.mfa.stages.AuthenticateStage": "victimcare.sign_in.stages.SecondStep"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just signed in has said who they are."""
        return not step_up.is_confirmed(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The first is asked for. Who has a second factor shows that: a password may have been looked at."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [way for way in ways if way["id"] != "reauthenticate"] or ways


class MFAAdapter(DefaultMFAAdapter):
    """allauth keeps second-factor secrets in clear; here the root key wraps them."""

    def encrypt(self, text: str) -> str:
        return second_factors.wrapped(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factors.unwrapped(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": PRODUCT}
