"""Is this service accredited today? Asked for many services at once, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, F, OuterRef, Q, Subquery, Value
from django.utils import timezone

from certification.models import Accreditation
from certification.models.credentials import AccreditationQuerySet, first_running_day
from referrals.matching import Standing
from referrals.models import ServiceAtLocation
from victimcare.models import Location
from victimcare.prepared import Prepared, Texts, Uuids, among


@dataclass(frozen=True, slots=True)
class Asked:
    """What an accreditation covers or does not: a kind of service of an institution at a place."""

    pk: UUID
    organization_id: UUID
    kind: str
    location_id: UUID
    time_zone: str


def _held(day: date, first_day: date, institutions: Any, kinds: Any, locations: Any) -> AccreditationQuerySet:
    """All that these institutions hold for such kinds at such places. Who is valid on a day, and whose staff
    is enough, is said by the one queryset: `staff_met` is None for what is not valid.

    A sub-query with a limit is asked of each row; one that only asks whether there is any may be answered for
    the whole table.
    """
    itself = Accreditation.objects.filter(pk=OuterRef("pk"))
    valid = itself.valid_on(day, first_day).with_staff_met(day)
    found: AccreditationQuerySet = Accreditation.objects.current().filter(
        Q(location=None) | Q(among("location_id", locations)),
        among("institution_id", institutions),
        kind__service_kinds__overlap=Value(kinds, ArrayField(CharField())),
    )
    return found.only("institution_id", "location_id").annotate(
        service_kinds=F("kind__service_kinds"),
        staff_met=Subquery(valid.values("staff_met")[:1]),
        paused_since=Subquery(itself.suspended_since()),
        last_ended=Subquery(itself.ended_by(day)),
    )


HELD = Prepared(_held, day=date, first_day=date, institutions=Uuids, kinds=Texts, locations=Uuids)


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
    """One query. To count staff is dear: it is asked once of each accreditation that is valid."""
    held: dict[UUID, list[Any]] = defaultdict(list)
    for one in HELD(
        day=day,
        first_day=first_running_day(),
        institutions=list({asked.organization_id for asked in places}),
        kinds=sorted({asked.kind for asked in places}),
        locations=list({asked.location_id for asked in places}),
    ):
        held[one.institution_id].append(one)
    return {
        asked.pk: _standing([one for one in held[asked.organization_id] if _covers(one, asked)])
        for asked in places
    }


def _covers(held: Any, asked: Asked) -> bool:
    """As `AccreditationQuerySet.covering`."""
    return held.location_id in {None, asked.location_id} and asked.kind in held.service_kinds


def _standing(covering: Sequence[Any]) -> Standing:
    """Of all accreditations that cover it: the latest suspension that runs, and the latest end."""
    return Standing(
        accredited=any(one.staff_met is not None for one in covering),
        staff_met=any(one.staff_met for one in covering),
        suspended_since=max((one.paused_since for one in covering if one.paused_since), default=None),
        ended_on=max((one.last_ended for one in covering if one.last_ended), default=None),
    )
