"""Pages of those who apply: a practitioner for a certificate, a provider's staff for their institution."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from certification import access_log, actions, display, requirements
from certification.forms import (
    EvidenceForm,
    InstitutionApplicationForm,
    PersonalApplicationForm,
    SubmitForm,
)
from certification.models import Accreditation, AccreditationKind, Application, Certificate, SchemeVersion
from certification.views.steps import FormStep, signed_in
from victimcare import access, audit
from victimcare.encryption import keyring
from victimcare.models import Location, Organization, User
from victimcare.models.logs import Action
from victimcare.paging import SIZE
from victimcare.views import RoomMixin


class Mine(RoomMixin, TemplateView):
    """What the user applied for, and holds: for themselves, and for their institution."""

    template_name = "certification/mine.html"
    permission = "certification.apply"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        applications = list(
            Application.objects.visible_to(user)
            .of_applicant(user)
            .with_names()
            .select_related("organization", "practitioner")
            .order_by("-created_at", "pk")[:SIZE]
        )
        keyring.preload(applications)
        access_log.listed(applications, by=user)
        certificates = Certificate.objects.visible_to(user).filter(practitioner__user=user)
        accreditations = Accreditation.objects.visible_to(user).of_members(user)
        return super().get_context_data(
            suspended=_suspended(certificates) + _suspended(accreditations),
            applications=[display.application_row(one) for one in applications],
            certificates=_rows(certificates, user),
            accreditations=_rows(accreditations, user),
            may_apply=access.has(user, "certification.apply_in_person"),
            may_apply_for_institution=access.has(user, "certification.apply_for_institution"),
            **kwargs,
        )


class Apply(RoomMixin, FormStep):
    """First step of a practitioner's application: which scheme, and who."""

    permission = "certification.apply_in_person"
    template_name = "certification/apply.html"
    form_class = PersonalApplicationForm
    submit = _("Go on to the evidence")

    def form(self, record: Any, data: Any = None) -> PersonalApplicationForm:
        return PersonalApplicationForm(data, versions=_open_to(self.request, SchemeVersion, self.permission))

    def act(self, record: Any, form: Any) -> str:
        chosen = form.cleaned_data["scheme_version"]
        draft = actions.apply_in_person(
            chosen, by=signed_in(self.request), file=form.file(), record_id=form.cleaned_data["record_id"]
        )
        return reverse("certification:evidence", args=[draft.pk])

    def back(self, record: Any) -> str:
        return reverse("certification:mine")


class ApplyForInstitution(RoomMixin, FormStep):
    """First step for an institution: which kind of accreditation, and where."""

    permission = "certification.apply_for_institution"
    template_name = "certification/apply_for_institution.html"
    form_class = InstitutionApplicationForm
    submit = _("Go on to the evidence")

    def form(self, record: Any, data: Any = None) -> InstitutionApplicationForm:
        own = access.organizations_with(signed_in(self.request), self.permission)
        user = self.request.user
        return InstitutionApplicationForm(
            data,
            institutions=Organization.objects.visible_to(user).filter(pk__in=own).order_by("name"),
            kinds=_open_to(self.request, AccreditationKind, self.permission),
            locations=Location.objects.visible_to(user).filter(organization_id__in=own).order_by("name"),
        )

    def act(self, record: Any, form: Any) -> str:
        given = form.cleaned_data
        draft = actions.apply_for_accreditation(
            given["institution"],
            given["kind"],
            given["location"],
            by=signed_in(self.request),
            record_id=given["record_id"],
        )
        return reverse("certification:evidence", args=[draft.pk])

    def back(self, record: Any) -> str:
        return reverse("certification:mine")


class Evidence(FormStep):
    """Second step: what the applicant states about each requirement. Open until the application is sent."""

    model = Application
    verb = "submit"
    template_name = "certification/evidence.html"
    form_class = EvidenceForm
    submit = _("Save and look over")

    def fetch(self) -> Any:
        application = super().fetch()
        if not application.may_write(signed_in(self.request)):
            raise PermissionDenied
        return application

    def form(self, record: Any, data: Any = None) -> EvidenceForm:
        return EvidenceForm(data, application=record)

    def act(self, record: Any, form: Any) -> str:
        actions.change_application(
            record,
            by=signed_in(self.request),
            revision=form.cleaned_data["revision"],
            statement=form.cleaned_data["statement"],
            evidence=form.evidence(),
        )
        return self.back(record)

    def back(self, record: Any) -> str:
        return reverse("certification:application", args=[record.pk])

    def shown(self, record: Any) -> dict[str, Any]:
        audit.record(Action.READ, record, by=signed_in(self.request))
        return {"title": str(record.asked_for), "steps": _steps()}


class Submit(FormStep):
    """Third step: send it to the certifying body. What is missing is listed; without it, it is sent only
    knowingly.
    """

    model = Application
    verb = "submit"
    template_name = "certification/submit.html"
    submit = _("Send the application")
    done = _(
        "Sent. The certifying body reviews it, and somebody else decides. You see here how far it is; "
        "it cannot be changed any more."
    )

    def fetch(self) -> Any:
        application = super().fetch()
        if not application.may_write(signed_in(self.request)):
            raise PermissionDenied
        return application

    def form(self, record: Any, data: Any = None) -> SubmitForm:
        return SubmitForm(data, missing=requirements.missing(record))

    def act(self, record: Any, form: Any) -> str:
        actions.submit_application(record, by=signed_in(self.request))
        return self.back(record)

    def back(self, record: Any) -> str:
        return reverse("certification:application", args=[record.pk])

    def shown(self, record: Any) -> dict[str, Any]:
        audit.record(Action.READ, record, by=signed_in(self.request), kinds={"documents"})
        return {
            "title": str(record.asked_for),
            "missing": requirements.missing(record),
            "evidence_url": reverse("certification:evidence", args=[record.pk]),
            "steps": _steps(),
        }


def _steps() -> list[Any]:
    return [_("What you apply for"), _("Evidence"), _("Send")]


def _open_to(
    request: HttpRequest, model: type[SchemeVersion | AccreditationKind], permission: str
) -> QuerySet[Any]:
    """Versions in force at the bodies of the member states where the user holds the permission."""
    states = access.states_with(signed_in(request), permission)
    return (
        model.objects.visible_to(request.user)
        .in_force_on(timezone.localdate())
        .filter(organization__member_state_id__in=states)
        .order_by("code", "-valid_from", "pk")
    )


def _rows(credentials: Any, user: User) -> list[dict[str, Any]]:
    held = list(credentials.with_names().order_by("-valid_until", "pk")[:SIZE])
    access_log.numbered(held, by=user)
    return [display.credential_row(one) for one in held]


def _suspended(credentials: Any) -> list[dict[str, str]]:
    found = credentials.suspended(timezone.localdate()).order_by("valid_until", "pk")
    return [display.suspension_notice(one) for one in found]
