"""Codes as pages show them: labels of the code lists, and the shapes of states and urgencies."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import URGENCY_KINDS
from referrals.models import Referral
from victimcare import codelists
from victimcare.words import choice_words

STATUS_KINDS = {
    Referral.Status.DRAFT: "neutral",
    Referral.Status.SENT: "wait",
    Referral.Status.RECEIVED: "wait",
    Referral.Status.ACCEPTED: "good",
    Referral.Status.DECLINED: "bad",
    Referral.Status.WAITLISTED: "stop",
    Referral.Status.EXPIRED: "bad",
    Referral.Status.IN_PROGRESS: "info",
    Referral.Status.COMPLETED: "good",
    Referral.Status.NOT_COMPLETED: "bad",
    Referral.Status.WITHDRAWN: "neutral",
}
ANY: list[tuple[str, Any]] = [("", _("Any"))]
CHOOSE: list[tuple[str, Any]] = [("", _("Choose"))]


def label(list_id: str, code: str) -> str:
    return codelists.get(list_id).label(code)


def labels(list_id: str, codes: Iterable[str]) -> str:
    known = codelists.get(list_id)
    return ", ".join(known.label(code) for code in codes)


def title(list_id: str, code: str) -> str:
    """A label with the mark of its language, where its publisher has none in that of the page."""
    found = codelists.get(list_id).label(code)
    return f"{found} ({found.note})" if found.note else found


def choices(list_id: str) -> list[tuple[str, Any]]:
    return list(codelists.get(list_id).choices())


def status_of(referral: Referral) -> dict[str, Any]:
    """For the design system's status part."""
    kind = STATUS_KINDS[Referral.Status(referral.status)]
    return {"kind": kind, "label": choice_words(Referral.Status, referral.status)}


def urgency_of(referral: Referral) -> dict[str, Any]:
    return {
        "kind": URGENCY_KINDS.get(referral.urgency, "neutral"),
        "label": label("urgency", referral.urgency),
    }


def reason_of(referral: Referral) -> str:
    """Why it was declined, not completed or withdrawn; nothing where it was not."""
    list_id = Referral.REASON_LISTS.get(referral.status)
    return label(list_id, referral.end_reason) if list_id else ""
