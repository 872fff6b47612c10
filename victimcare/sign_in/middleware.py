"""Without the second factor that their roles need, somebody gets nowhere but to the set-up of one."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from victimcare.sign_in import rule

# Saying again who one is, and the ways out.
OPEN = frozenset({
    "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "account_logout", "language", "leave", "healthz",
})  # fmt: skip
# For who has none yet.
SET_UP = frozenset({
    "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
})  # fmt: skip


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or not rule.is_missing(request, request.user):
            return None
        request.must_set_up = True  # type: ignore[attr-defined]  # told on the page that it leads to
        match, has_one = request.resolver_match, rule.has_one(request.user)
        if match and match.view_name in (OPEN if has_one else OPEN | SET_UP):
            return None
        # Somebody who set one up in another browser shows it here.
        return redirect("mfa_reauthenticate" if has_one else "mfa_index")
