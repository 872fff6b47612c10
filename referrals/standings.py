"""Is this service accredited today? Asked for many services at once, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from certification.models import Accreditation
from referrals.matching import Standing
from referrals.models import ServiceAtLocation
from victimcare.models import Location

NEVER = Standing(accredited=False)


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
    of_institutions = Accreditation.objects.current().filter(
        institution_id__in={offer.service.organization_id for offer in offers}
    )
    issued = of_institutions.filter(status=Accreditation.Status.ISSUED)
    staff_met = dict(issued.valid_on(day).with_staff_met(day).values_list("pk", "staff_met"))
    ever = list(of_institutions.select_related("kind").prefetch_related("suspensions").order_by("pk"))
    return {offer.pk: _standing(offer, ever, staff_met, day) for offer in offers}


def _standing(
    offer: ServiceAtLocation, ever: list[Accreditation], staff_met: dict[UUID, bool], day: date
) -> Standing:
    """`staff_met` has those that are valid on the day; several may cover the place, and one of them is
    enough.
    """
    covering = [held for held in ever if _covers(held, offer)]
    running = [staff_met[held.pk] for held in covering if held.pk in staff_met]
    return Standing(accredited=True, staff_met=any(running)) if running else _last_known(covering, day)


def _covers(held: Accreditation, offer: ServiceAtLocation) -> bool:
    return (
        held.institution_id == offer.service.organization_id
        and offer.service.kind in held.kind.service_kinds
        and held.location_id in (None, offer.location_id)
    )


def _last_known(covering: list[Accreditation], day: date) -> Standing:
    """Why there is none today: suspended, or ended."""
    if not covering:
        return NEVER
    paused = [since for held in covering if (since := _suspended_since(held, day))]
    if paused:
        return Standing(accredited=False, suspended_since=max(paused))
    ended = [
        end for held in covering if (end := held.ended_on or held.valid_until + timedelta(days=1)) <= day
    ]
    return Standing(accredited=False, ended_on=max(ended)) if ended else NEVER


def _suspended_since(held: Accreditation, day: date) -> date | None:
    if held.status != Accreditation.Status.SUSPENDED:
        return None
    running = [one.from_day for one in held.suspensions.all() if one.until_day is None or one.until_day > day]
    return max(running, default=None)
