"""The need of a case and the offers of the directory, for the rules of matching. How many are judged does not
hang on how large the directory is, unless nearly all that suit lack the staff that their accreditation asks
for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from cases.models import Case, Person
from referrals import shortlist
from referrals.actions.ties import not_available
from referrals.matching import Need, Offer, Standing, Verdict, best_elsewhere, rank
from referrals.models import Referral, ServiceAtLocation
from referrals.standings import Asked, standings_at
from victimcare.encryption.dates import PartialDate
from victimcare.models import User
from victimcare.prepared import Prepared, Uuids, among

SHOWN = 20
# So many are judged at first: some of them lack the staff that their accreditation asks for.
FIRST = 2 * SHOWN


SENT = Prepared(
    lambda case: (
        Referral.objects.current()
        .filter(case=case)
        .only("status", "receiver_id", "service_at_location_id")
        .annotate(service_kind=F("service_at_location__service__kind"))
    ),
    case=UUID,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caseworker looks for; codes only. Empty means no wish."""

    service_kind: str
    region: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The first of those that are proposed, best first, and of those that are not, each with its reasons.
    `more_suit`, `more_excluded`: there may be more of them.
    """

    included: list[Verdict]
    excluded: list[Verdict]
    more_suit: bool = False
    more_excluded: bool = False

    @property
    def is_full(self) -> bool:
        return len(self.included) == SHOWN


def candidates(case: Case, wish: Wish, *, by: User) -> Found:
    """The best of all that suit, and the excluded ones that come closest to it.

    Near offers are looked at first, where there are many: often the best are among them.
    """
    need = need_of(case, wish, by=by)
    if need.near and shortlist.has_many(need.service_kind):
        found = _found(need, FIRST, need.near)
        if found.is_full and found.included[-1].points > best_elsewhere(need):
            return replace(found, more_suit=True, more_excluded=True)
    return _among_all(need)


def _among_all(need: Need) -> Found:
    """Most of the first have the standing, too. Where they do not, more are looked at, in the end all."""
    for first in (FIRST, FIRST * FIRST):
        found = _found(need, first)
        if found.is_full or not found.more_suit:
            return found
    return _found(need, None)


def _found(need: Need, first: int | None, near: frozenset[str] = frozenset()) -> Found:
    suiting, others = shortlist.listed(need, first=first, others=SHOWN + 1, near=near)
    included, excluded = rank(need, offers_of([*suiting, *others]))
    looked_at_all = first is None or len(suiting) < first
    return Found(
        included[:SHOWN],
        excluded[:SHOWN],
        more_suit=len(included) > SHOWN or not looked_at_all,
        more_excluded=len(excluded) > SHOWN or not looked_at_all,
    )


def need_of(case: Case, wish: Wish, *, by: User) -> Need:
    sent = SENT(case=case.pk)
    return Need(
        service_kind=wish.service_kind,
        organization_id=case.organization_id,
        member_state=case.organization.member_state_id,
        enrolment_kinds=frozenset(case.running_kinds),
        gender=case.person.gender,
        ages=ages_of(case.person, timezone.localdate()),
        region=wish.region,
        home=case.person.region,
        language=wish.language,
        refused_by=frozenset(
            one.receiver_id
            for one in sent
            if one.status == Referral.Status.DECLINED and one.service_kind == wish.service_kind
        ),
        running_at=frozenset(one.service_at_location_id for one in sent if one.status in Referral.RUNNING),
        not_available=not_available(case, by=by),
    )


def ages_of(person: Person, today: date) -> tuple[int, int] | None:
    """The youngest and oldest that the person may be today: from a date of birth, however exact, or an age
    once told.
    """
    if person.birth is not None:
        return _ages_from(person.birth, today)
    told = person.age or {}
    if told.get("from") is None and told.get("to") is None:
        return None
    passed = today.year - int(str(told.get("on") or today.year)[:4])
    youngest, oldest = told.get("from", 0) or 0, told.get("to")
    return youngest + max(passed - 1, 0), (200 if oldest is None else oldest + passed)


def _ages_from(birth: PartialDate, today: date) -> tuple[int, int]:
    age = today.year - birth.year
    if birth.approximate:
        return max(age - 2, 0), age + 1
    if len(birth.text) < len("2000-01-01"):
        return max(age - 1, 0), age
    exact = age - ((today.month, today.day) < (birth.earliest.month, birth.earliest.day))
    return exact, exact


# Of an offer, in one query and without the instances of other models: address and keys are of no use here.
COLUMNS = {
    "organization_id": "service__organization_id",
    "organization_name": "service__organization__name",
    "member_state": "service__organization__member_state_id",
    "service_name": "service__name",
    "location_name": "location__name",
    "location_region": "location__region",
    "regions": "service__regions",
    "languages": "service__languages",
    "enrolment_kinds": "service__enrolment_kinds",
    "genders": "service__genders",
    "age_from": "service__age_from",
    "age_to": "service__age_to",
}
OF_STANDING = {"kind": "service__kind", "time_zone": "location__time_zone"}
OFFERS = Prepared(
    lambda offers: (
        ServiceAtLocation.objects.offered_now()
        .filter(among("pk", offers))
        .only("location_id", "places_free")
        .annotate(**{name: F(column) for name, column in (COLUMNS | OF_STANDING).items()})
        .order_by("pk")
    ),
    offers=Uuids,
)


def offers_of(pks: Sequence[UUID]) -> list[Offer]:
    """These offers, each with its standing today."""
    rows = OFFERS(offers=list(pks))
    standings = standings_at(
        Asked(row.pk, row.organization_id, row.kind, row.location_id, row.time_zone) for row in rows
    )
    return [_offer(row, standings[row.pk]) for row in rows]


def _offer(row: Any, standing: Standing) -> Offer:
    values = {name: getattr(row, name) for name in ("pk", *COLUMNS, "places_free")}
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Offer(standing=standing, **(values | lists))
