"""Panels of the home page: what waits at a certifying body, what a practitioner holds, what a coordinator
watches.
"""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from certification import access_log, display
from certification.models import Accreditation, Application, Certificate
from victimcare import access
from victimcare.models import User

SHOWN = 5
DAYS_AHEAD = 60


def to_review(user: User) -> dict[str, Any]:
    """Applications that nobody has reviewed yet, oldest first."""
    waiting = Application.objects.visible_to(user).at_bodies_of(user).waiting()
    return _applications(user, gettext("Waiting for review"), waiting, reverse("certification:queue"))


def to_decide(user: User) -> dict[str, Any]:
    """Reviewed applications; those that the user reviewed wait for a colleague."""
    waiting = Application.objects.visible_to(user).at_bodies_of(user).reviewed()
    url = f"{reverse('certification:queue')}?show=decide"
    return _applications(user, gettext("Waiting for a decision"), waiting, url)


def ending(user: User) -> dict[str, Any]:
    """What the user's bodies issued and what ends soon."""
    today = timezone.localdate()
    bodies = access.organizations_with(user, "certification.read_applications")
    soon = [
        one
        for model in (Accreditation, Certificate)
        for one in model.objects.visible_to(user)
        .filter(organization_id__in=bodies)
        .ending(today, today + timedelta(days=DAYS_AHEAD))
        .with_names()
        .order_by("valid_until", "pk")[:SHOWN]
    ]
    first = sorted(soon, key=lambda one: one.valid_until)[:SHOWN]
    access_log.numbered(first, by=user)
    rows = [display.credential_row(one) for one in first]
    return {
        "title": gettext("Ending within %(days)d days") % {"days": DAYS_AHEAD},
        "rows": [_line(row, row.get("institution", row["number"]), row["period"]) for row in rows],
        "empty": gettext("Nothing ends soon."),
        "url": reverse("certification:register"),
        "more": gettext("The register"),
    }


def of_state(user: User) -> dict[str, Any]:
    """Accreditations of the coordinator's member states: those suspended, then those that end soon."""
    today = timezone.localdate()
    states = access.states_with(user, "certification.keep_schemes")
    held = Accreditation.objects.visible_to(user).filter(institution__member_state_id__in=states)
    suspended = held.suspended(today).order_by("valid_until", "pk")[:SHOWN]
    soon = held.ending(today, today + timedelta(days=DAYS_AHEAD)).with_names()
    found = [*suspended, *soon.order_by("valid_until", "pk")[:SHOWN]][:SHOWN]
    rows = [display.credential_row(one) for one in found]
    return {
        "title": gettext("Accreditations: suspended, or ending within %(days)d days") % {"days": DAYS_AHEAD},
        "rows": [_line(row, row["institution"], row["period"]) for row in rows],
        "empty": gettext("None is suspended, and none ends soon."),
        "url": reverse("certification:register"),
        "more": gettext("The register"),
    }


def my_certificates(user: User) -> dict[str, Any]:
    held = Certificate.objects.visible_to(user).filter(practitioner__user=user)
    newest = list(held.with_names().order_by("-valid_until", "pk")[:SHOWN])
    access_log.numbered(newest, by=user)
    rows = [display.credential_row(one) for one in newest]
    return {
        "title": gettext("My certificates"),
        "rows": [_line(row, row["number"], row["period"]) for row in rows],
        "empty": gettext("You hold no certificate yet."),
        "url": reverse("certification:mine"),
        "more": gettext("My applications and certificates"),
    }


def _applications(user: User, title: str, waiting: Any, url: str) -> dict[str, Any]:
    """By institution or number, and what was applied for: no name of a person on the home page."""
    named = waiting.select_related("scheme_version", "kind", "institution", "organization")
    first = list(named.order_by("submitted_at", "pk")[:SHOWN])
    access_log.numbered(first, by=user)
    return {
        "title": title,
        "figure": waiting.count(),
        "rows": [
            {
                "url": reverse("certification:application", args=[one.pk]),
                "text": str(one.asked_for),
                "meta": f"{one.institution or one.number} · {display.day(one.submitted_at)}",
                **display.application_status(one),
            }
            for one in first
        ],
        "empty": gettext("Nothing waits."),
        "url": url,
        "more": gettext("All that wait"),
    }


def _line(row: dict[str, Any], *meta: str) -> dict[str, Any]:
    return {"url": row["url"], "text": row["title"], "meta": " · ".join(meta), **_status(row)}


def _status(row: dict[str, Any]) -> dict[str, Any]:
    return {"kind": row["kind"], "label": row["label"]}
