"""What a referral tells: on its own page, in its case, and on the home page."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case
from cases.timeline import Entry
from referrals.codes import reason_of, status_of, urgency_of
from referrals.lapses import lapsed_of
from referrals.models import Referral
from victimcare.addresses import address
from victimcare.models import Step, User
from victimcare.prepared import Prepared, Uuids, among
from victimcare.words import moment_words

SHOWN = 5
IN_SECTION = 20  # what is older is told by the case's timeline
REFERRALS = Prepared(
    lambda case: Referral.objects.of_case(case).with_names().order_by("-created_at", "pk"), case=UUID
)
STEPS_OF_REFERRALS = Prepared(
    lambda referrals: Step.objects.filter(
        among("object_id", referrals), object_label=Referral._meta.label
    ).order_by("at", "pk"),
    referrals=Uuids,
)
STEPS: dict[str, tuple[Promise | str, str]] = {
    "send": (gettext_lazy("Referral sent"), "referral"),
    "receive": (gettext_lazy("Referral opened by the provider"), "referral"),
    "accept": (gettext_lazy("Referral accepted"), "done"),
    "decline": (gettext_lazy("Referral declined"), "stop"),
    "waitlist": (gettext_lazy("Put on the waiting list"), "referral"),
    "expire": (gettext_lazy("Referral expired without an answer"), "stop"),
    "start": (gettext_lazy("Work with the provider began"), "referral"),
    "complete": (gettext_lazy("Outcome reported"), "done"),
    "not_complete": (gettext_lazy("Referral not completed"), "stop"),
    "withdraw": (gettext_lazy("Referral withdrawn"), "stop"),
    "erase": (gettext_lazy("Referral withdrawn, since the sender erased the person"), "stop"),
    "sender_erased": (gettext_lazy("The sender erased the person"), "stop"),
    "named_withdrawn": (gettext_lazy("Referral withdrawn, since somebody whom it names was erased"), "stop"),
    "named_erased": (gettext_lazy("The sender erased somebody whom this names"), "stop"),
    "receiver_erased": (gettext_lazy("Referral not completed, since the provider erased the person"), "stop"),
    "lock": (gettext_lazy("Referral withdrawn"), "stop"),
    "lose_consent": (gettext_lazy("Referral withdrawn, since the consent was"), "stop"),
}


def steps_shown(referral: Referral, *, sees_case: bool) -> list[dict[str, Any]]:
    """The timeline of the referral's page, newest first. It names the two organisations, not their people."""
    told = [_entry(step, referral) for step in STEPS_OF_REFERRALS(referrals=[referral.pk])]
    if sees_case:
        told.append(_prepared(referral))
    return [_shown(entry) for entry in sorted(told, key=lambda entry: entry.at, reverse=True)]


def timeline(case: Case, user: User) -> Iterable[Entry]:
    """The case's referrals and their steps, for the case's own timeline."""
    sent = [referral for referral in _referrals(case, user) if referral.case_id == case.pk]
    referrals: dict[Any, Referral] = {referral.pk: referral for referral in sent}
    urls = {pk: reverse("referrals:referral", args=[pk]) for pk in referrals}
    yield from (_prepared(referral, urls[pk]) for pk, referral in referrals.items())
    for step in STEPS_OF_REFERRALS(referrals=list(referrals)) if referrals else ():
        yield _entry(step, referrals[step.object_id], urls[step.object_id])


def section(case: Case, user: User) -> dict[str, Any]:
    """The case page's section: what was referred from it last, and the referral that it came from."""
    referrals = _referrals(case, user)
    sent = [referral for referral in referrals if referral.case_id == case.pk]
    came_from = next((referral for referral in referrals if referral.received_case_id == case.pk), None)
    return {
        "rows": rows_of(sent[:IN_SECTION]),
        "has_more": len(sent) > IN_SECTION,
        "came_from": came_from,
        "add_url": ""
        if case.status == Case.Status.CLOSED
        else reverse("referrals:candidates", args=[case.pk]),
    }


def _referrals(case: Case, user: User) -> list[Referral]:
    """Newest first."""
    return case.read_once("referrals", lambda: REFERRALS(case=case.pk))


def unanswered(case: Case) -> str | None:
    """A case is not closed while somebody may still say yes to it."""
    if not Referral.objects.current().filter(case=case).waiting().exists():
        return None
    return _("A referral of this case is not answered yet. Wait for the answer, or withdraw it first.")


def rows_of(referrals: Iterable[Referral]) -> list[dict[str, Any]]:
    """For lists, of referrals `with_names`: nothing about a person but the referral's number."""
    referrals = list(referrals)
    lapsed = lapsed_of(referrals)
    return [
        {
            "number": referral.number,
            "url": address("referrals:referral", referral.pk),
            "receiver": referral.receiver,
            "sender": referral.organization,
            "service": referral.service_at_location.service.name,
            "status": status_of(referral),
            "urgency": urgency_of(referral),
            "lapsed": referral.pk in lapsed,
        }
        for referral in referrals
    ]


def _prepared(referral: Referral, url: str = "") -> Entry:
    return Entry(referral.created_at, referral.organization.name, _("Referral prepared"), "referral", url)


def _entry(step: Step, referral: Referral, url: str = "") -> Entry:
    text, icon = STEPS[step.verb]
    theirs = step.verb in Referral.RECEIVERS_VERBS
    who = referral.receiver.name if theirs else referral.organization.name if step.by_id else ""
    detail = reason_of(referral) if step.reason else ""
    return Entry(step.at, who, text, icon, url, detail)


def _shown(entry: Entry) -> dict[str, Any]:
    at = moment_words(entry.at)
    return {"at": at, "who": entry.who, "text": entry.text, "icon": entry.icon, "detail": entry.detail}
