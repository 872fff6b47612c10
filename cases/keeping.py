"""What the case page shows of keeping a case and erasing its person; and the rows of the pages that do it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cases.access import allows
from cases.erasing import Named, Recipient, recipients_of
from cases.models import Case, ContactPoint, Document, Erasure, Incident, LegalHold, Note, Party, SubstanceUse
from cases.models.cases import CaseQuerySet
from victimcare import codelists
from victimcare.kinds import DataKind
from victimcare.models import User
from victimcare.words import moment_words

KINDS = {Erasure.Status.ASKED: "wait", Erasure.Status.REFUSED: "neutral", Erasure.Status.APPROVED: "good"}
Facts = list[tuple[Promise | str, Any]]


def hold_on(case: Case, user: User) -> LegalHold | None:
    return LegalHold.objects.visible_in(case, user).running().first()


def waiting_on(case: Case, user: User) -> Erasure | None:
    return Erasure.objects.visible_in(case, user).waiting().select_related("asked_by").first()


def with_keeping(cases: CaseQuerySet) -> CaseQuerySet:
    """Each with `hold_reason`, a code or None, and `erasure_waits`: in the one question that fetches it."""
    holds = LegalHold.objects.running().filter(case=OuterRef("pk"))
    waiting = Erasure.objects.waiting().filter(case=OuterRef("pk"))
    return cases.annotate(hold_reason=Subquery(holds.values("reason")[:1]), erasure_waits=Exists(waiting))


def shown(case: Any, user: User) -> dict[str, Any]:
    """Of a case that was read `with_keeping()`. `hold`: its reason in words; `links`: what this user may do
    now.
    """
    return {
        "hold": codelists.get("legal-hold-reason").label(case.hold_reason) if case.hold_reason else "",
        "waiting": case.erasure_waits,
        "links": list(_links(case, user, bool(case.hold_reason), case.erasure_waits)),
    }


def _links(case: Case, user: User, hold: bool, waits: bool) -> Iterable[tuple[str, str]]:
    if allows(user, "cases.legal_hold", case):
        label = gettext("Lift the legal hold") if hold else gettext("Set a legal hold")
        yield label, reverse(f"cases:legal_hold{'_lift' if hold else ''}", args=[case.pk])
    if hold:
        return
    if not waits and allows(user, "cases.ask_erasure", case):
        yield gettext("Ask to erase this person"), reverse("cases:erasure_ask", args=[case.pk])
    if waits and allows(user, "cases.approve_erasure", case):
        yield gettext("Decide on the erasure"), reverse("cases:erasure_approve", args=[case.pk])


def hold_facts(hold: LegalHold) -> Facts:
    return [
        (_("Reason"), codelists.get("legal-hold-reason").label(hold.reason)),
        (_("Set by"), str(hold.created_by or "")),
        (_("Since"), _day(hold.created_at)),
    ]


def what_goes(case: Case, user: User) -> dict[str, Any]:
    """What an erasure takes, as far as this user may see it, and who was told."""
    told = recipients_of(case)
    of_case = (
        (_("Notes that you see"), Note),
        (_("What happened"), Incident),
        (_("Others in the case"), Party),
        (_("Substances"), SubstanceUse),
        (_("Documents"), Document),
    )
    counted = [(label, model.objects.visible_to(user).filter(case=case).count()) for label, model in of_case]
    ways = ContactPoint.objects.visible_to(user).filter(person=case.person_id).count()
    cases = Case.objects.visible_to(user).filter(person=case.person_id).count()
    return {
        "goes": [(_("Cases of the person"), cases), (_("Ways to reach the person"), ways), *counted],
        "recipients": recipient_rows(told),
        "running": any(one.running for one in told),
    }


def recipient_rows(recipients: Iterable[Recipient]) -> list[dict[str, str]]:
    return [
        {
            "organization": f"{one.organization.name} ({one.organization.member_state_id})",
            "on": _day(one.at),
            "kinds": ", ".join(str(kind.label) for kind in DataKind if kind in one.kinds),
            "number": one.number,
        }
        for one in recipients
    ]


def asked_facts(erasure: Erasure) -> Facts:
    return [
        (_("Reason"), reason_of(erasure)),
        (_("Asked for by"), str(erasure.asked_by)),
        (_("On"), moment_words(erasure.asked_at)),
    ]


def kept_facts(named: Iterable[Named]) -> Facts:
    said = gettext("team %(team)s: kept by a legal hold, nothing is overwritten there")
    return [(one.case.number, said % {"team": one.case.team.name}) for one in named]


def decided_facts(erasure: Erasure) -> Facts:
    if erasure.approved_at is None:
        return [*asked_facts(erasure), (_("Decision"), erasure.get_status_display())]
    return [
        *asked_facts(erasure),
        (_("Approved by"), str(erasure.approved_by)),
        (_("Erased on"), moment_words(erasure.approved_at)),
    ]


def parties_in_words(erasure: Erasure) -> str:
    count = len(erasure.parties)
    if not count:
        return gettext("No other case was found to name the person.")
    return ngettext(
        "%(count)s record of another case that named the person was overwritten.",
        "%(count)s records of other cases that named the person were overwritten.",
        count,
    ) % {"count": count}


def erasure_rows(erasures: Iterable[Erasure]) -> list[dict[str, Any]]:
    return [
        {
            "number": one.case.number,
            "url": _url(one),
            "kind": KINDS[Erasure.Status(one.status)],
            "status": one.get_status_display(),
            "reason": reason_of(one),
            "asked": moment_words(one.asked_at),
        }
        for one in erasures
    ]


def reason_of(erasure: Erasure) -> str:
    return codelists.get("erasure-reason").label(erasure.reason)


def _url(erasure: Erasure) -> str:
    waits = erasure.status == Erasure.Status.ASKED
    return (
        reverse("cases:erasure_approve", args=[erasure.case_id])
        if waits
        else reverse("cases:certificate", args=[erasure.pk])
    )


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")
