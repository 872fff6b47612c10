"""One's own sessions in words."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from victimcare.models.sign_in import SessionQuerySet
from victimcare.sign_in.sessions import stored
from victimcare.words import moment_words


def rows(own: SessionQuerySet, request: HttpRequest) -> list[dict[str, Any]]:
    """The last used first; this one says so."""
    this = stored(request.session.session_key or "")
    return [
        {
            "browser": one.browser or _("another browser"),
            "since": moment_words(one.started_at),
            "seen": moment_words(one.seen_at),
            "is_this": one.pk == this,
            "end_url": reverse("session_end", args=[one.id]),
        }
        for one in own.living().order_by("-seen_at", "pk")
    ]
