"""The rows of the directory, in a fixed number of queries."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from referrals.access import WATCH
from referrals.codes import label, labels
from referrals.matching import Standing
from referrals.models import Service, ServiceAtLocation
from referrals.standings import standings_of
from victimcare import access
from victimcare.addresses import address
from victimcare.models import User
from victimcare.models.organizations import OpenQuerySet
from victimcare.paging import SIZE, Page, key_page, page_of
from victimcare.prepared import Prepared

SHOWN = 5
COUNTED_WITHIN = 30  # days: an older number of free places is a guess
ORDER = ("service__organization__name", "service__name", "pk")

# DISTINCT reads all offers to find a few regions.
REGIONS = """SELECT code FROM (
    WITH RECURSIVE found(code) AS (
        SELECT min(regions_reached[1]) FROM referrals_serviceatlocation WHERE retired_at IS NULL
        UNION ALL
        SELECT (SELECT min(regions_reached[1]) FROM referrals_serviceatlocation
                 WHERE retired_at IS NULL AND regions_reached[1] > found.code)
          FROM found WHERE found.code IS NOT NULL
    )
    SELECT code FROM found WHERE code IS NOT NULL
) AS regions
"""


def matching(
    offers: OpenQuerySet, *, service_kind: str = "", region: str = "", language: str = ""
) -> OpenQuerySet:
    """Current offers that fit what was asked for."""
    found = (
        offers.current().filter(service__retired_at=None).select_related("service__organization", "location")
    )
    if service_kind:
        found = found.filter(service__kind=service_kind)
    if region:
        found = found.filter(regions_reached__contains=[region])
    if language:
        found = found.filter(service__languages__contains=[language])
    return found


# Of the whole directory, which is open to everybody who is signed in.
FIRST = Prepared(lambda: matching(ServiceAtLocation.objects.all()).order_by(*ORDER)[: SIZE + 1])


def page_asked(request: HttpRequest, user: User, wish: dict[str, str]) -> Page:
    if wish or "after" in request.GET:
        return key_page(matching(ServiceAtLocation.objects.visible_to(user), **wish), request, by=ORDER)
    return page_of(FIRST(), ORDER)


def regions() -> list[str]:
    """The regions in which something is offered, from one entry of the index to the next."""
    with connection.cursor() as cursor:
        cursor.execute(REGIONS)
        return [code for (code,) in cursor.fetchall()]


def rows_of(offers: Iterable[ServiceAtLocation]) -> list[dict[str, Any]]:
    """For the list. No address: that is on the page of the service, for those who may read it."""
    offers = list(offers)
    standings = standings_of(offers)
    return [
        {
            "url": address("referrals:service", offer.pk),
            "name": offer.service.name,
            "organization": offer.service.organization.name,
            "kind": label("service-kind", offer.service.kind),
            "place": offer.location.name,
            "region": label("region", offer.location.region),
            "languages": labels("language", offer.service.languages),
            "places": places_in_words(offer),
            "standing": standing_shown(standings[offer.pk]),
        }
        for offer in offers
    ]


def standing_shown(standing: Standing) -> dict[str, str]:
    """For the design system's status part: accredited today or not, and why not."""
    if standing.eligible:
        return {"kind": "good", "label": _("accredited today")}
    if standing.accredited:
        return {"kind": "stop", "label": _("staff certificates missing")}
    if standing.suspended_since:
        since = date_format(standing.suspended_since, "SHORT_DATE_FORMAT")
        return {"kind": "stop", "label": _("suspended since %(day)s") % {"day": since}}
    return {"kind": "bad", "label": _("not accredited today")}


def places_in_words(offer: ServiceAtLocation) -> str:
    if not (offer.is_active and offer.service.is_active):
        return _("not offered now")
    if offer.places_free is None:
        return _("not counted")
    return str(offer.places_free) if offer.places_free else _("none: waiting list")


def ages_in_words(service: Service) -> str:
    lowest, highest = service.age_from, service.age_to
    if lowest is None and highest is None:
        return ""
    if highest is None:
        return _("from %(age)d") % {"age": lowest}
    return _("up to %(age)d") % {"age": highest} if lowest is None else f"{lowest}–{highest}"


def not_counted_lately(user: User) -> dict[str, Any]:
    """Panel of the coordinator: services of the member state whose free places nobody counted lately."""
    states = access.states_with(user, WATCH)
    before = timezone.now() - timedelta(days=COUNTED_WITHIN)
    old = ServiceAtLocation.objects.offered_now().filter(
        Q(places_counted_at=None) | Q(places_counted_at__lt=before),
        service__organization__member_state_id__in=states,
    )
    longest = old.select_related("service__organization").order_by(
        F("places_counted_at").asc(nulls_first=True), "pk"
    )
    return {"count": old.count(), "days": COUNTED_WITHIN, "rows": [_places(one) for one in longest[:SHOWN]]}


def _places(offer: ServiceAtLocation) -> dict[str, str]:
    counted = offer.places_counted_at
    return {
        "url": reverse("referrals:service", args=[offer.pk]),
        "service": offer.service.name,
        "organization": offer.service.organization.name,
        "counted": date_format(timezone.localtime(counted), "SHORT_DATE_FORMAT") if counted else "",
    }
