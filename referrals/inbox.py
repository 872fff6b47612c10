"""The inbox: what was sent to the user's organisations, newest first."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certification.models import Accreditation
from referrals.codes import label, status_of, urgency_of
from referrals.models import RECEIVED_BY, Referral, ReferralQuerySet, receiver
from referrals.story import SHOWN, rows_of
from victimcare import access, audit
from victimcare.addresses import address
from victimcare.models import Step, User
from victimcare.models.logs import Action
from victimcare.paging import SIZE, Page, page_of
from victimcare.prepared import Prepared, Texts, Uuids, among

ORDER = ("-sent_at", "pk")
TOLD_FOR_DAYS = 30
# What is shown together: name in the address -> label, states.
TABS: dict[str, tuple[Promise, Sequence[str]]] = {
    "new": (_("New"), [Referral.Status.SENT]),
    "waiting": (_("To answer"), [Referral.Status.RECEIVED, Referral.Status.WAITLISTED]),
    "running": (_("Accepted"), Referral.WITH_RECEIVER),
    "ended": (
        _("Ended"),
        [
            Referral.Status.COMPLETED,
            Referral.Status.NOT_COMPLETED,
            Referral.Status.DECLINED,
            Referral.Status.EXPIRED,
            Referral.Status.WITHDRAWN,
        ],
    ),
}


def shown_in(tab: str, user: User) -> ReferralQuerySet:
    """What was sent to the user's organisations and is in the states of the tab."""
    _label, states = TABS[tab]
    return Referral.objects.received_by(user).filter(status__in=states)


def first_page(tab: str, user: User) -> Page:
    _label, states = TABS[tab]
    return page_of(FIRST(states=list(map(str, states)), **receiver(user)), ORDER)


def _first(states: Any, **received: Any) -> ReferralQuerySet:
    shown = Referral.objects.received(**received).filter(among("status", states, Texts)).with_sender()
    return shown.order_by(*ORDER)[: SIZE + 1]


FIRST = Prepared(_first, states=Texts, **RECEIVED_BY)
SUSPENDED = Prepared(
    lambda today, institutions: (
        Accreditation.objects.current()
        .filter(among("institution_id", institutions))
        .suspended_on(today)
        .select_related("kind")
        .order_by("kind__code", "pk")
    ),
    today=date, institutions=Uuids,
)  # fmt: skip
ERASED = Prepared(
    lambda since, **received: (
        Referral.objects.received(**received)
        .select_related("organization")
        .filter(erased_at__gte=since)
        .order_by("-erased_at", "pk")
    ),
    since=datetime, **RECEIVED_BY,
)  # fmt: skip
NAMED_ERASED = Prepared(
    lambda since: (
        Step.objects.filter(object_label=Referral._meta.label, verb="named_erased", at__gte=since)
        .only("object_id", "at")
        .order_by("at", "pk")
    ),
    since=datetime,
)


def suspensions(user: User) -> list[dict[str, str]]:
    """A notice for each accreditation of the user's organisations that is suspended: nothing that rests on it
    can be accepted.
    """
    own = access.organizations_with(user, "referrals.answer")
    return [
        {
            "title": gettext("Suspended: %(what)s") % {"what": one.kind},
            "text": gettext("Since %(day)s. You can decline what is referred for it, and not accept it.")
            % {"day": date_format(one.paused_from, "DATE_FORMAT")},
        }
        for one in SUSPENDED(today=timezone.localdate(), institutions=list(own))
    ]


def erased_lately(user: User) -> list[dict[str, str]]:
    """A notice for each referral whose sender erased the person in the last weeks: the receiver holds a copy
    of its own, and answers for it.
    """
    since = timezone.now() - timedelta(days=TOLD_FOR_DAYS)
    said = gettext("%(sender)s erased the person on %(day)s.")
    return [
        *(_notice(one, said, one.erased_at) for one in ERASED(since=since, **receiver(user))),
        *_named_lately(user, since),
    ]


def _named_lately(user: User, since: datetime) -> list[dict[str, str]]:
    """The same where the sender erased somebody else whom it may name."""
    days = {step.object_id: step.at for step in NAMED_ERASED(since=since)}
    said = gettext("%(sender)s erased somebody whom this names, on %(day)s.")
    received = Referral.objects.received_by(user).select_related("organization")
    named: Any = received.filter(pk__in=days).order_by("-sent_at", "pk") if days else ()
    return [_notice(referral, said, days[referral.pk]) for referral in named]


def _notice(referral: Referral, said: str, at: datetime | None) -> dict[str, str]:
    day = date_format(timezone.localtime(at), "DATE_FORMAT")
    return {
        "number": referral.number,
        "url": reverse("referrals:referral", args=[referral.pk]),
        "text": said % {"sender": referral.organization.name, "day": day},
    }


def new_in_inbox(user: User) -> dict[str, Any]:
    """Panel of the provider: what nobody has opened yet, and what keeps them from accepting it."""
    new = shown_in("new", user)
    newest = list(new.with_names().order_by("-sent_at", "pk")[:SHOWN])
    audit.record_many(Action.LIST, newest, by=user, kinds=())
    return {
        "count": new.count(),
        "rows": rows_of(newest),
        "suspended": suspensions(user),
        "erased": erased_lately(user),
    }


def inbox_rows(referrals: Iterable[Referral]) -> list[dict[str, Any]]:
    """Of referrals `with_sender`, with how long each waits."""
    now = timezone.now()
    return [_row(referral, now) for referral in referrals]


def _row(referral: Any, now: datetime) -> dict[str, Any]:
    return {
        "number": referral.number,
        "url": address("referrals:referral", referral.pk),
        "sender": referral.organization.name,
        "kind": label("service-kind", referral.service_kind),
        "since": _ago(referral.sent_at or now, now),
        "status": status_of(referral),
        "urgency": urgency_of(referral),
    }


def _ago(then: datetime, now: datetime) -> str:
    if now - then < timedelta(minutes=1):
        return gettext("just now")
    return gettext("%(time)s ago") % {"time": timesince(then, now, depth=1)}
