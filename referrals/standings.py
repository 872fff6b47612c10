"""Is this service accredited today? Asked for many services at once, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from certification.models import Accreditation
from referrals.matching import Standing
from referrals.models import ServiceAtLocation
from victimcare.models import Location


@dataclass(frozen=True, slots=True)
class Asked:
    """What an accreditation covers or does not: a kind of service of an institution at a place."""

    pk: UUID
    organization_id: UUID
    kind: str
    location_id: UUID
    time_zone: str


@dataclass(frozen=True, slots=True)
class _Held:
    """An accreditation, and how it stands on a day, but for its staff."""

    pk: UUID
    institution_id: UUID
    location_id: UUID | None
    service_kinds: list[str]
    is_valid: bool
    suspended_since: date | None
    ended_on: date | None

    def covers(self, asked: Asked) -> bool:
        """As `AccreditationQuerySet.covering`."""
        return self.location_id in {None, asked.location_id} and asked.kind in self.service_kinds


def day_at(location: Location) -> date:
    """Today, at that place."""
    return _day(location.time_zone)


def standing_of(offer: ServiceAtLocation) -> Standing:
    return standings_of([offer])[offer.pk]


def standings_of(offers: Iterable[ServiceAtLocation]) -> dict[UUID, Standing]:
    return standings_at(
        Asked(
            offer.pk,
            offer.service.organization_id,
            offer.service.kind,
            offer.location_id,
            offer.location.time_zone,
        )
        for offer in offers
    )


def standings_at(places: Iterable[Asked]) -> dict[UUID, Standing]:
    """The standing of each offer on the day at its place. The Americas share at most two days at a time."""
    by_day: dict[date, list[Asked]] = defaultdict(list)
    for asked in places:
        by_day[_day(asked.time_zone)].append(asked)
    return {pk: found for day, group in by_day.items() for pk, found in _on_day(group, day).items()}


def _day(time_zone: str) -> date:
    return timezone.localdate(timezone=ZoneInfo(time_zone))


def _on_day(places: Sequence[Asked], day: date) -> dict[UUID, Standing]:
    """Two queries. To count staff is dear: it is asked of the valid accreditations that cover one of these,
    once each.
    """
    held: dict[UUID, list[_Held]] = defaultdict(list)
    for one in _held(places, day):
        held[one.institution_id].append(one)
    covering = {
        asked.pk: [one for one in held[asked.organization_id] if one.covers(asked)] for asked in places
    }
    valid = {one.pk for found in covering.values() for one in found if one.is_valid}
    met = _with_staff_met(valid, day)
    return {pk: _standing(found, met) for pk, found in covering.items()}


def _held(places: Sequence[Asked], day: date) -> list[_Held]:
    """All that these institutions hold for such kinds. Who is valid on a day is said by the one queryset.

    A sub-query with a limit is asked of each row; one that only asks whether there is any may be answered for
    the whole table.
    """
    itself = Accreditation.objects.filter(pk=OuterRef("pk"))
    found = Accreditation.objects.current().filter(
        institution_id__in={asked.organization_id for asked in places},
        kind__service_kinds__overlap=sorted({asked.kind for asked in places}),
    )
    rows = found.annotate(
        valid=Subquery(itself.valid_on(day).values("pk")[:1]),
        since=Subquery(itself.suspended_since()),
        ended=Subquery(itself.ended_by(day)),
    ).values_list("pk", "institution_id", "location_id", "kind__service_kinds", "valid", "since", "ended")
    return [
        _Held(pk, institution, location, kinds, valid is not None, since, ended)
        for pk, institution, location, kinds, valid, since, ended in rows
    ]


def _with_staff_met(accreditations: set[UUID], day: date) -> set[UUID]:
    if not accreditations:
        return set()
    found = Accreditation.objects.filter(pk__in=accreditations).with_staff_met(day)
    return {pk for pk, staff_met in found.values_list("pk", "staff_met") if staff_met}


def _standing(covering: Sequence[_Held], met: set[UUID]) -> Standing:
    """Of all accreditations that cover it: the latest suspension that runs, and the latest end."""
    return Standing(
        accredited=any(one.is_valid for one in covering),
        staff_met=any(one.pk in met for one in covering),
        suspended_since=max((one.suspended_since for one in covering if one.suspended_since), default=None),
        ended_on=max((one.ended_on for one in covering if one.ended_on), default=None),
    )
