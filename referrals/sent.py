"""What was referred from the cases that the user sees: on their list, and on the home page."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Window
from django.db.models.lookups import IsNull
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case, urgency_rank
from cases.models.cases import SEEN_BY, seen_by
from certification.models import Accreditation
from certification.models.credentials import first_running_day
from referrals.models import Referral, ReferralQuerySet
from referrals.story import SHOWN, rows_of
from victimcare import audit
from victimcare.models import User
from victimcare.models.logs import Action
from victimcare.prepared import Prepared, Uuids, among
from victimcare.words import day_words

ANSWERS = 3
URGENT_FIRST = ("urgency_rank", "created_at", "pk")
NEWEST_FIRST = ("-created_at", "pk")
# What is shown together: name in the address -> label, order.
TABS: dict[str, tuple[Promise | str, tuple[str, ...]]] = {
    "todo": (_("To do"), URGENT_FIRST),
    "waiting": (_("Waiting for an answer"), URGENT_FIRST),
    "running": (_("Accepted"), NEWEST_FIRST),
    "ended": (_("Ended"), NEWEST_FIRST),
}
ENDED = [
    Referral.Status.COMPLETED,
    Referral.Status.NOT_COMPLETED,
    Referral.Status.WITHDRAWN,
    Referral.Status.DECLINED,
    Referral.Status.EXPIRED,
]


def shown_in(tab: str, user: User) -> ReferralQuerySet:
    """The referrals of a tab, with `urgency_rank` to sort by."""
    mine = Referral.objects.sent_from(user).annotate(urgency_rank=urgency_rank()).with_names()
    today = timezone.localdate()
    if tab == "waiting":
        return mine.waiting()
    if tab == "running":
        return mine.filter(status__in=Referral.WITH_RECEIVER)
    if tab == "ended":
        return mine.filter(~_to_do(today), status__in=ENDED)
    return mine.filter(_to_do(today))


def _to_do(today: date, first_day: date | None = None) -> Q:
    """The sender's turn: to send it; to ask somebody else, where nobody was asked since; or to look anew at a
    provider who is not accredited any more.
    """
    asked_since = (
        Referral.objects.current()
        .filter(
            case=OuterRef("case"),
            service_at_location__service__kind=OuterRef("service_at_location__service__kind"),
            created_at__gt=OuterRef("created_at"),
        )
        .exclude(status=Referral.Status.WITHDRAWN)
    )
    offer = "service_at_location__"
    eligible = Accreditation.objects.covering(
        OuterRef(f"{offer}service__organization"),
        OuterRef(f"{offer}service__kind"),
        OuterRef(f"{offer}location"),
    ).eligible_on(today, first_day)
    # Not by EXISTS: inside an OR, the database would read every referral there is to answer it.
    nobody_since = IsNull(Subquery(asked_since.order_by("case").values("pk")[:1]), True)
    refused = Q(nobody_since, status__in=[Referral.Status.DECLINED, Referral.Status.EXPIRED])
    lapsed = Q(lapsed_on__isnull=False, status__in=Referral.RUNNING) & ~Exists(eligible)
    return (Q(status=Referral.Status.DRAFT) | refused | lapsed) & ~Q(case__status=Case.Status.CLOSED)


def _counted(referrals: ReferralQuerySet) -> ReferralQuerySet:
    """Their ids, each with the `count` of all."""
    return referrals.annotate(count=Window(Count("pk"))).only("pk")


# For the home page, by the ids alone: names are joined to the few that are shown.
TO_DO = Prepared(
    lambda today, first_day, **seen: (
        _counted(Referral.objects.sent(**seen).filter(_to_do(today, first_day)))
        .annotate(urgency_rank=urgency_rank())
        .order_by(*URGENT_FIRST)[:SHOWN]
    ),
    today=date, first_day=date, **SEEN_BY,
)  # fmt: skip
ANSWERED = Prepared(
    lambda **seen: (
        Referral.objects.sent(**seen)
        .filter(status__in=Referral.WITH_RECEIVER)
        .only("pk")
        .order_by("-answered_at", "pk")[:ANSWERS]
    ),
    **SEEN_BY,
)
WAITING = Prepared(lambda **seen: _counted(Referral.objects.sent(**seen).waiting())[:1], **SEEN_BY)
NAMED = Prepared(
    lambda referrals: Referral.objects.filter(among("pk", referrals)).with_names(), referrals=Uuids
)


def rows(referrals: Sequence[Referral]) -> list[dict[str, Any]]:
    """With the day of the last step."""
    return [
        row | {"since": day_words(referral.stepped_at or referral.created_at)}
        for row, referral in zip(rows_of(referrals), referrals, strict=True)
    ]


def panel(user: User) -> dict[str, Any]:
    """Panel of who refers: what needs a next step, most urgent first, then the newest answers."""
    seen = seen_by(user)
    to_do = TO_DO(today=timezone.localdate(), first_day=first_running_day(), **seen)
    answers = ANSWERED(**seen)
    waiting = WAITING.first(**seen)
    named = {one.pk: one for one in NAMED(referrals=[one.pk for one in (*to_do, *answers)])}
    # What was closed to the user between two statements is left out.
    first, answered = ([named[one.pk] for one in found if one.pk in named] for found in (to_do, answers))
    audit.record_many(Action.LIST, [*first, *answered], by=user, kinds=())
    url = reverse("referrals:mine")
    return {
        "to_do": to_do[0].count if to_do else 0,
        "waiting": waiting.count if waiting else 0,
        "rows": rows(first),
        "answers": rows(answered),
        "to_do_url": f"{url}?show=todo",
        "waiting_url": f"{url}?show=waiting",
    }
