"""allauth's forms, with our counting and our words."""

import struct
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.utils.translation import gettext_lazy as _

from victimcare.forms import HelperMixin
from victimcare.sign_in import codes, entries, passwords

CODE_LENGTH = 20
NAME_LENGTH = 60
# What the library lets through of JSON that is no credential, or of a signature that is not the key's.
BROKEN = (AttributeError, IndexError, KeyError, TypeError, ValueError, InvalidSignature, struct.error)


class SignInForm(LoginForm):
    """A code is asked for after a first refusal, whether or not it is needed: else it would tell of tries."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Only after many tries: from your authenticator app, or a recovery code."),
        required=False,
        max_length=CODE_LENGTH,
        widget=forms.TextInput({"autocomplete": "one-time-code"}),
    )

    def user_credentials(self) -> dict[str, Any]:
        given: dict[str, Any] = super().user_credentials()
        return given | {"code": self.cleaned_data.get("code", "")}


class CountedCode(forms.Form):
    """Of who has shown a password. Counted apart from others' tries (sign_in/codes.py)."""

    user: Any

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        factor = codes.right(self.user.username, code, by_owner=True)
        if factor is None:
            entries.kept_out(self.user.username)
            raise get_adapter().validation_error("incorrect_code")
        self.authenticator = factor
        return code


class CodeForm(CountedCode, AuthenticateForm):
    """The second step."""


class ConfirmCodeForm(CountedCode, ReauthenticateForm):
    """Somebody who is signed in says again who they are."""


class WholeCredential(forms.Form):
    """What a browser sends for a key has a given shape; what has another is no credential, and no fault."""

    user: Any = None  # a passkey says itself whose it is

    def clean_credential(self) -> Any:
        try:
            return _refused_if_broken(super().clean_credential)
        except forms.ValidationError:
            entries.kept_out(self.user.username if self.user else "")
            raise


class KeyForm(WholeCredential, AuthenticateWebAuthnForm):
    """The second step."""


class PasskeyForm(WholeCredential, LoginWebAuthnForm):
    """In place of name and password."""


class ConfirmKeyForm(WholeCredential, ReauthenticateWebAuthnForm):
    """Somebody who is signed in says again who they are."""


class OwnPasswordForm(ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        """Counted as every password that somebody who is signed in writes once more."""
        password: str = self.cleaned_data["oldpassword"]
        if not passwords.confirms(self.user, password):
            raise get_account_adapter().validation_error("enter_current_password")
        return password


class AddKeyForm(HelperMixin, AddWebAuthnForm):
    name = forms.CharField(label=_("Name of the key"), required=False, max_length=NAME_LENGTH)
    passwordless = forms.BooleanField(
        label=_("Sign in with this key alone"),
        required=False,
        help_text=_("A passkey: it asks for your finger, your face or a PIN in place of the password."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = _refused_if_broken(super().clean)
        return cleaned


def _refused_if_broken(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except BROKEN as error:
        raise get_adapter().validation_error("incorrect_code") from error
