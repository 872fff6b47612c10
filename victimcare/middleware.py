"""What every request passes: who is signed in and acts, and headers that keep a page out of caches and other
hands.
"""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from whitenoise.middleware import WhiteNoiseFileResponse

from victimcare import access, acting, erasure_ledger, refusals
from victimcare.encryption import keyring
from victimcare.encryption.roots import KeyUnavailable

GetResponse = Callable[[HttpRequest], HttpResponse]


class SignedInMiddleware(LoginRequiredMiddleware):
    """Every page asks for a login; what was written while the session ended is not thrown away."""

    def handle_no_permission(  # type: ignore[override]  # Django itself lets it answer anything
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        if refusals.was_written(request):
            return refusals.signed_out(request)
        return super().handle_no_permission(request, view_func)


class ActingUserMiddleware:
    """The signed-in user acts for this request: in their language and time zone, with an own key ring."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Who it is, is looked up here, while nobody acts yet.
        with acting.as_user(request.user), keyring.held():
            if not request.user.is_authenticated:
                return self.get_response(request)
            place = access.workplace(request.user)
            zone = place.time_zone if place else "UTC"
            language = request.user.language  # nobody is signed in any more after the page that signs out
            with timezone.override(zoneinfo.ZoneInfo(zone)), translation.override(language):
                request.LANGUAGE_CODE = language
                response = self.get_response(request)
                # Else LocaleMiddleware, further out, says which language the browser asked for.
                response.headers.setdefault("Content-Language", language)
                return response


class KeysMiddleware:
    """Where the root key cannot be had nothing is read or written: actions are whole transactions."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusals.keys_away(request) if isinstance(exception, KeyUnavailable) else None


class ErasuresMiddleware:
    """Nobody is served from a backup that brought an erased person back; a page that needs erased words says
    so calmly.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.is_clean = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Once a process: a backup is restored before it starts. /healthz asks each time.
        self.is_clean = self.is_clean or not erasure_ledger.brought_back()
        return self.get_response(request) if self.is_clean else refusals.not_ready(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusals.erased(request) if isinstance(exception, keyring.SubjectErased) else None


class PrivacyHeadersMiddleware:
    """Nothing of a page stays in a cache, and the browser is told to give nothing away. The outermost: what
    is answered before a page is reached has them too.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Our stylesheets are the same for everybody; a page below /static/ that is not there names the user.
        if not isinstance(response, WhiteNoiseFileResponse):
            response["Cache-Control"] = "no-store"
        response["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


class LengthMiddleware:
    """A length that is no number is none, as the request's own stream takes it: Django fails on it where a
    form is read.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.META.get("CONTENT_LENGTH", "").isdecimal():
            request.META["CONTENT_LENGTH"] = ""
        return self.get_response(request)


class NotAllowedMiddleware:
    """A page that only takes what a form sends says so calmly, to who typed its address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return refusals.not_allowed(request, response) if response.status_code == 405 else response
