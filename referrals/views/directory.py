"""The directory of services, and the part of it that a provider keeps."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cases.models import Enrolment
from referrals import actions, directory
from referrals.access import DIRECTORY
from referrals.codes import label, labels
from referrals.forms import DirectoryForm, PlacesForm, ServiceAddForm, ServiceEditForm, regions_of
from referrals.models import Service, ServiceAtLocation
from referrals.standings import standing_of
from referrals.views.base import SignedInView
from victimcare import access, audit
from victimcare.models import Location, Tier
from victimcare.models.logs import Action
from victimcare.views import RoomMixin, add_errors, add_errors_of, visible_or_404
from victimcare.words import moment_words

KEEP = "referrals.keep_services"


class Directory(RoomMixin, SignedInView):
    permission = DIRECTORY

    def get(self, request: HttpRequest) -> HttpResponse:
        form = self.form()
        wish = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
        page = directory.page_asked(request, self.me, wish)
        context = {
            "form": form,
            "rows": directory.rows_of(page.rows),
            "filtered": bool(wish),
            **page.urls(request),
            "may_keep": access.has(self.me, KEEP),
        }
        return render(request, "referrals/directory.html", context)

    def form(self) -> DirectoryForm:
        return DirectoryForm(self.request.GET, regions=regions_of(directory.regions()))


class ServicePage(RoomMixin, SignedInView):
    """One service at one location; its own staff keep its places here."""

    permission = DIRECTORY

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        offer = visible_or_404(request, ServiceAtLocation, pk=pk)
        return self.show(offer, _places_form(offer))

    def show(self, offer: ServiceAtLocation, form: PlacesForm) -> HttpResponse:
        service = offer.service
        context = {
            "service": service,
            "facts": _facts(offer),
            "address": self.address(offer.location),
            "standing": directory.standing_shown(standing_of(offer)),
            "is_offered": offer.is_active and service.is_active,
            "may_keep": access.can(self.me, KEEP, service.organization_id),
            "form": form,
            "places_url": reverse("referrals:places", args=[offer.pk]),
            "edit_url": reverse("referrals:service_edit", args=[offer.pk]),
        }
        return render(self.request, "referrals/service.html", context)

    def address(self, location: Location) -> str | None:
        """Who looks up where a shelter is can be asked for it: whoever hunts somebody looks it up too."""
        if not access.may_read_address(self.me, location):
            return None
        if location.tier != Tier.PUBLIC:
            audit.record(Action.READ, location, by=self.me)
        return location.address


class Places(ServicePage):
    """Free places and whether the service is offered now."""

    permission = KEEP

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return redirect("referrals:service", pk=pk)

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        offer = visible_or_404(request, ServiceAtLocation, pk=pk)
        access.require(self.me, KEEP, offer.service.organization_id)
        form = PlacesForm(request.POST)
        if not form.is_valid():
            return self.show(offer, form)
        try:
            actions.update_places(offer, by=self.me, **form.cleaned_data)
        except ValidationError as error:
            add_errors_of(error, form)
            return self.show(offer, form)
        messages.success(request, _("Saved."))
        return redirect("referrals:service", pk=pk)


class ServiceAdd(RoomMixin, SignedInView):
    permission = KEEP

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        place, given = form.chosen_location(), form.cleaned_data
        service = Service(
            id=given["record_id"], organization_id=place.organization_id, **form.service_values()
        )
        try:
            offer, _new = actions.add_service(
                service, location=place, by=self.me, places_free=given["places_free"]
            )
        except ValidationError as error:
            add_errors(form, error)
            return self.show(form)
        messages.success(request, _("Added to the directory."))
        return redirect("referrals:service", pk=offer.pk)

    def form(self, data: Any = None) -> ServiceAddForm:
        own = access.organizations_with(self.me, KEEP)
        places = Location.objects.visible_to(self.me).filter(organization_id__in=own)
        return ServiceAddForm(
            data, locations=list(places.select_related("organization").order_by("name", "pk"))
        )

    def show(self, form: ServiceAddForm) -> HttpResponse:
        context = {"form": form, "submit": _("Add service"), "cancel_url": reverse("referrals:directory")}
        return render(self.request, "referrals/service_add.html", context)


class ServiceEdit(RoomMixin, SignedInView):
    """What is offered, and to whom. The address names the service at a location, as that of its page does."""

    permission = KEEP

    @cached_property
    def offer(self) -> ServiceAtLocation:
        """Everybody may know of it, only its own organisation corrects it: 404, then 403."""
        offer: ServiceAtLocation = visible_or_404(self.request, ServiceAtLocation, pk=self.kwargs["pk"])
        access.require(self.me, KEEP, offer.service.organization_id)
        return offer

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self.show(ServiceEditForm(service=self.offer.service))

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        service = self.offer.service
        form = ServiceEditForm(request.POST, service=service)
        if not form.is_valid():
            return self.show(form)
        try:
            actions.change_service(
                service, by=self.me, revision=form.cleaned_data["revision"], **form.service_values()
            )
        except ValidationError as error:
            add_errors_of(error, form)
            return self.show(form)
        messages.success(request, _("Saved."))
        return redirect("referrals:service", pk=pk)

    def show(self, form: ServiceEditForm) -> HttpResponse:
        context = {
            "form": form,
            "service": self.offer.service,
            "submit": _("Save"),
            "cancel_url": reverse("referrals:service", args=[self.offer.pk]),
        }
        return render(self.request, "referrals/service_edit.html", context)


def _places_form(offer: ServiceAtLocation) -> PlacesForm:
    now = {"places_free": offer.places_free, "is_active": offer.is_active, "revision": offer.revision}
    return PlacesForm(initial=now)


def _facts(offer: ServiceAtLocation) -> list[tuple[Any, Any]]:
    service = offer.service
    enrolments = (str(Enrolment.Kind(kind).label) for kind in service.enrolment_kinds)
    return [
        (_("Organisation"), service.organization.name),
        (_("Kind of service"), label("service-kind", service.kind)),
        (_("Place"), f"{offer.location.name}, {label('region', offer.location.region)}"),
        (_("Regions served"), labels("region", service.regions) or _("all")),
        (_("Languages"), labels("language", service.languages) or _("not listed")),
        (_("Kinds of case"), ", ".join(enrolments) or _("all")),
        (_("Genders"), labels("gender", service.genders) or _("all")),
        (_("Ages"), directory.ages_in_words(service) or _("all")),
        (_("Free places"), directory.places_in_words(offer)),
        (_("Places counted"), _counted(offer)),
    ]


def _counted(offer: ServiceAtLocation) -> str:
    if offer.places_counted_at is None:
        return ""
    return moment_words(offer.places_counted_at)
