"""The need of a case and the offers of the directory, in a fixed number of queries, for the rules of
matching.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from cases.models import Case, Person
from referrals.actions.ties import not_available
from referrals.matching import Need, Offer, Standing, Verdict, rank
from referrals.models import Referral, ServiceAtLocation
from referrals.standings import standings_of
from victimcare.encryption.dates import PartialDate
from victimcare.models import User


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caseworker looks for; codes only. Empty means no wish."""

    service_kind: str
    region: str = ""
    language: str = ""


def candidates(case: Case, wish: Wish, *, by: User) -> tuple[list[Verdict], list[Verdict]]:
    """Proposed services, best first, and excluded ones, each with its reasons."""
    return rank(need_of(case, wish, by=by), offers_of(wish.service_kind, not_of=case.organization_id))


def need_of(case: Case, wish: Wish, *, by: User) -> Need:
    referrals = Referral.objects.current().filter(case=case)
    of_kind = referrals.filter(service_at_location__service__kind=wish.service_kind)
    return Need(
        service_kind=wish.service_kind,
        organization_id=case.organization_id,
        member_state=case.organization.member_state_id,
        enrolment_kinds=frozenset(
            case.enrolments.current().filter(ended_on=None).values_list("kind", flat=True)
        ),
        gender=case.person.gender,
        ages=ages_of(case.person, timezone.localdate()),
        region=wish.region,
        home=case.person.region,
        language=wish.language,
        refused_by=frozenset(
            of_kind.filter(status=Referral.Status.DECLINED).values_list("receiver_id", flat=True)
        ),
        running_at=frozenset(referrals.running().values_list("service_at_location_id", flat=True)),
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


def offers_of(service_kind: str, *, not_of: UUID) -> list[Offer]:
    """All services of that kind that are offered now by providers."""
    rows = list(
        ServiceAtLocation.objects.offered_now()
        .filter(service__kind=service_kind)
        .exclude(service__organization_id=not_of)
        .select_related("service__organization", "location")
        .order_by("pk")
    )
    standings = standings_of(rows)
    return [_offer(row, standings[row.pk]) for row in rows]


def _offer(row: ServiceAtLocation, standing: Standing) -> Offer:
    service, organization = row.service, row.service.organization
    return Offer(
        pk=row.pk,
        organization_id=organization.pk,
        organization_name=organization.name,
        member_state=organization.member_state_id,
        service_name=service.name,
        location_name=row.location.name,
        location_region=row.location.region,
        standing=standing,
        regions=tuple(service.regions),
        languages=tuple(service.languages),
        enrolment_kinds=tuple(service.enrolment_kinds),
        genders=tuple(service.genders),
        age_from=service.age_from,
        age_to=service.age_to,
        places_free=row.places_free,
    )
