"""What waits at the user's certifying bodies, oldest first: for a review, or for a decision."""

from django.http import HttpRequest

from certification.models import Application
from certification.models.applications import ApplicationQuerySet
from victimcare import access
from victimcare.models import User
from victimcare.paging import SIZE, Page, key_page, page_of
from victimcare.prepared import Prepared, Uuids

READ = "certification.read_applications"
ORDER = ("submitted_at", "pk")


def page_asked(request: HttpRequest, user: User, *, to_decide: bool) -> Page:
    if "after" in request.GET:
        found = _named(Application.objects.at_bodies_of(user))
        page = key_page(found.reviewed() if to_decide else found.waiting(), request, by=ORDER)
    else:
        bodies = list(access.organizations_with(user, READ))
        page = page_of(TO_DECIDE(bodies=bodies) if to_decide else TO_REVIEW(bodies=bodies), ORDER)
    _place(page.rows, user)
    return page


def _place(rows: list[Application], user: User) -> None:
    """They lie where the user works, which was read before: fifty lines name a body or two."""
    bodies = {one.pk: one for one in access.workplaces(user, READ)}
    for row in rows:
        row.organization = bodies.get(row.organization_id) or row.organization


def _named(found: ApplicationQuerySet) -> ApplicationQuerySet:
    return found.with_names().order_by(*ORDER)


TO_REVIEW = Prepared(
    lambda bodies: _named(Application.objects.lying_at(bodies).waiting())[: SIZE + 1], bodies=Uuids
)
TO_DECIDE = Prepared(
    lambda bodies: _named(Application.objects.lying_at(bodies).reviewed())[: SIZE + 1], bodies=Uuids
)
