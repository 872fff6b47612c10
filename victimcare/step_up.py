"""Before what could do great harm, somebody says again who they are: not whoever sits at a desk left open.

`StepUpMixin` goes first among the bases of a view. A page opens within ten minutes of signing in or of having
said it again; the form on it may be sent for half an hour, so that nobody writes against the clock.
"""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from victimcare import refusals

TO_OPEN = 10 * 60
TO_SEND = 30 * 60


class StepUpMixin:
    """A view behind a confirmation; otherwise it leads there and back, or keeps what was written."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        is_sent = request.method not in refusals.SAFE_METHODS
        if not self.asks() or is_confirmed(request, TO_SEND if is_sent else TO_OPEN):
            return super().dispatch(request, *args, **kwargs)
        return refusals.unconfirmed(request) if is_sent else _asked(request)

    def asks(self) -> bool:
        """Whether this visit is one of those; a view may have others."""
        return True


def is_confirmed(request: HttpRequest, seconds: int = TO_OPEN) -> bool:
    """The user signed in, or said again who they are, within so many seconds."""
    records = get_authentication_records(request, request.user)
    newest = max((float(record.get("at", 0)) for record in records), default=0.0)
    return time.time() - newest < seconds


def _asked(request: HttpRequest) -> HttpResponse:
    back = urlencode({"next": request.get_full_path()})
    ways = get_adapter(request).get_reauthentication_methods(request.user)
    page = ways[0]["url"] if ways else reverse("account_reauthenticate")
    return HttpResponseRedirect(f"{page}?{back}")
