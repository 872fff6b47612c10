"""What is answered in place of a page: plainly, in the user's language, and what they wrote is not lost."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from victimcare import audit

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
logger = logging.getLogger(__name__)
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the name of Django's field


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Too large, too many fields, or damaged on the way."""
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Every 403 of the product comes by here, and is logged once."""
    user = request.user if request.user.is_authenticated else None
    audit.refused(getattr(request, "asked_of", None), by=user)
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Who typed the address of a button; `response` is Django's, and names the methods that are allowed."""
    answer = render(request, "405.html", status=405)
    answer["Allow"] = response["Allow"]
    return answer


def keys_away(request: HttpRequest) -> HttpResponse:
    """The root key cannot be had for now: what needs it is as it was, and works again by itself."""
    logger.error("The root key cannot be had: a page was answered with 503.")
    answer = render(request, "503.html", status=503)
    answer["Retry-After"] = "30"
    return answer


def erased(request: HttpRequest) -> HttpResponse:
    """The page needs words of somebody who was erased meanwhile."""
    return render(request, "410.html", status=410)


def not_ready(request: HttpRequest) -> HttpResponse:
    """A restored backup waits for `manage.py erasures replay`. No template: it would ask the database."""
    return HttpResponse(
        _("The service is being restored. Try again later."), status=503, content_type="text/plain"
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Signing in makes the tokens of pages that were open before worthless.

    What a page of ours sent may be sent again at the press of a button. From another site it would be
    somebody else's words in the user's name, so the browser has to say where the page came from.
    """
    from_here = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if from_here and was_written(request):
        return _send_again(request)
    return render(request, "403_csrf.html", status=403)


def signed_out(request: HttpRequest) -> HttpResponse:
    """The session ended while the user wrote."""
    return _send_again(request)


def unconfirmed(request: HttpRequest) -> HttpResponse:
    """The user has to say again who they are, and wrote longer than that holds."""
    return _send_again(request, must_confirm=True)


def was_written(request: HttpRequest) -> bool:
    """It was sent from a page of a room. Pages of the account belong to no room: they hold passwords."""
    match = request.resolver_match
    return request.method not in SAFE_METHODS and match is not None and bool(match.namespace)


def _send_again(request: HttpRequest, *, must_confirm: bool = False) -> HttpResponse:
    """The answer carries back what was sent. Nothing is kept here: nobody knows whose it is."""
    fields = [(name, value) for name, values in request.POST.lists() if name != TOKEN for value in values]
    context = {"fields": fields, "must_confirm": must_confirm}
    return render(request, "victimcare/send_again.html", context, status=403)
