"""Is this service accredited today? Asked for many services at once, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from certification.models import Accreditation
from referrals.matching import Standing
from referrals.models import ServiceAtLocation
from victimcare.models import Location


def day_at(location: Location) -> date:
    """Today, at that place."""
    return timezone.localdate(timezone=ZoneInfo(location.time_zone))


def standing_of(offer: ServiceAtLocation) -> Standing:
    return standings_of([offer])[offer.pk]


def standings_of(offers: Iterable[ServiceAtLocation]) -> dict[UUID, Standing]:
    """The standing of each offer on the day at its place. The Americas share at most two days at a time."""
    by_day: dict[date, list[ServiceAtLocation]] = defaultdict(list)
    for offer in offers:
        by_day[day_at(offer.location)].append(offer)
    return {pk: found for day, group in by_day.items() for pk, found in _on_day(group, day).items()}


def _on_day(offers: list[ServiceAtLocation], day: date) -> dict[UUID, Standing]:
    """One query, of the one queryset that says who is accredited on a day."""
    covering = Accreditation.objects.covering(
        OuterRef("service__organization"), OuterRef("service__kind"), OuterRef("location")
    )
    found = ServiceAtLocation.objects.filter(pk__in=[offer.pk for offer in offers]).annotate(
        accredited=Exists(covering.valid_on(day)),
        staff_met=Exists(covering.eligible_on(day)),
        suspended_since=Subquery(covering.suspended_since()),
        ended_on=Subquery(covering.ended_by(day)),
    )
    rows = found.values_list("pk", "accredited", "staff_met", "suspended_since", "ended_on")
    return {pk: Standing(*standing) for pk, *standing in rows}
