"""What a provider offers, where, and how many places are free."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from referrals.models import Service, ServiceAtLocation
from victimcare import access, records
from victimcare.models import Location, User

KEEP = "referrals.keep_services"


class PlaceOfAnother(ValidationError):
    """A service is offered at a place of the organisation that offers it."""

    def __init__(self) -> None:
        super().__init__(
            {
                "location": ValidationError(
                    _("Choose a place of your own organisation."), code="place_of_another"
                )
            }
        )


@transaction.atomic
def add_service(
    service: Service, *, location: Location, by: User | None, places_free: int | None = None
) -> tuple[ServiceAtLocation, bool]:
    """Offer an unsaved service at a location: returns the offer and whether it is new (a form sent twice adds
    one).

    `by` None is the installation itself. Raises PermissionDenied, PlaceOfAnother, ValidationError.
    """
    if by is not None:
        access.require(by, KEEP, service.organization_id)
    if location.organization_id != service.organization_id:
        raise PlaceOfAnother
    service, _new = records.create(service, by=by)
    existing = ServiceAtLocation.objects.current().filter(service=service, location=location).first()
    if existing is not None:
        return existing, False
    counted = timezone.now() if places_free is not None else None
    offer = ServiceAtLocation(
        service=service, location=location, places_free=places_free, places_counted_at=counted
    )
    return records.create(offer, by=by)


@transaction.atomic
def change_service(service: Service, *, by: User, revision: int, **values: Any) -> Service:
    """Correct what is offered, to whom. Raises PermissionDenied, Stale, ValidationError."""
    access.require(by, KEEP, service.organization_id)
    return records.change(service, by=by, revision=revision, **values)


@transaction.atomic
def update_places(
    offer: ServiceAtLocation,
    *,
    places_free: int | None,
    is_active: bool,
    by: User,
    revision: int | None = None,
) -> ServiceAtLocation:
    """How many places are free now (None: not counted), and whether the service is offered now.

    Raises PermissionDenied, Stale, ValidationError.
    """
    access.require(by, KEEP, offer.service.organization_id)
    counted = timezone.now() if places_free is not None else None
    return records.change(
        offer,
        by=by,
        revision=revision,
        places_free=places_free,
        places_counted_at=counted,
        is_active=is_active,
    )
