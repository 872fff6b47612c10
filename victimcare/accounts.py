"""How allauth signs people in here: nobody signs up by themselves, and TOTP secrets are encrypted."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from victimcare.encryption import second_factors


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by an administrator."""
        return False


class MFAAdapter(DefaultMFAAdapter):
    """allauth keeps second-factor secrets in clear; here the root key wraps them."""

    def encrypt(self, text: str) -> str:
        return second_factors.wrapped(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factors.unwrapped(encrypted_text)
