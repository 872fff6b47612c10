"""The register, the pages of what is in it, and the schemes it rests on."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from certification import access_log, actions, display, requirements
from certification.eligibility import staff_requirements
from certification.forms import RegisterSearchForm, ReinstatementForm, RevocationForm, SuspensionForm
from certification.models import Accreditation, AccreditationKind, Certificate, Credential, SchemeVersion
from certification.views.steps import FormStep, signed_in
from victimcare import access, audit, codelists, numbers
from victimcare.models.logs import Action
from victimcare.paging import SIZE, key_page
from victimcare.views import RoomMixin, visible_or_404


class Register(View):
    """Everything that was issued, with its state today: for everybody signed in, without a person's name."""

    model: type[Credential] = Accreditation

    def get(self, request: HttpRequest) -> HttpResponse:
        page = key_page(self.everything(), request, by=self.order())
        return self.page(page.rows, RegisterSearchForm(), page.urls(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """A search: by number, or by a part of the institution's name. Never in the address."""
        form = RegisterSearchForm(request.POST)
        words = form.cleaned_data["words"].strip() if form.is_valid() else ""
        found = list(self.everything().filter(self.matching(words)).order_by(*self.order())[: SIZE + 1])
        return self.page(found[:SIZE], form, {"searched": True, "more_than_shown": len(found) > SIZE})

    def everything(self) -> QuerySet[Any]:
        return self.model._default_manager.visible_to(self.request.user).with_names()

    def order(self) -> tuple[str, str]:
        return ("institution__name", "pk") if self.model is Accreditation else ("number", "pk")

    def matching(self, words: str) -> Q:
        by_number = Q(number=numbers.normalise(words) or "")
        if self.model is Accreditation and words:
            return by_number | Q(institution__name__icontains=words)
        return by_number

    def page(self, rows: list[Any], form: RegisterSearchForm, more: dict[str, Any]) -> HttpResponse:
        of_institutions = self.model is Accreditation
        access_log.numbered(rows, by=signed_in(self.request))
        tabs = [
            (_("Institutions"), reverse("certification:register"), of_institutions),
            (_("Persons"), reverse("certification:register_certificates"), not of_institutions),
        ]
        shown = [display.credential_row(one) for one in rows]
        context = {"rows": shown, "form": form, "tabs": tabs, "of_institutions": of_institutions}
        return render(self.request, "certification/register.html", context | more)


class CredentialPage(View):
    """One accreditation or certificate, with every suspension it had."""

    model: type[Credential] = Accreditation

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        user = signed_in(request)
        credential = visible_or_404(request, self.model, pk=pk)
        named = _may_read_name(credential, user)
        audit.record(Action.READ, credential, by=user, kinds={"identity"} if named else ())
        context = {
            "credential": credential,
            "title": display.credential_row(credential)["title"],
            "status": display.credential_status(credential),
            "facts": _facts(credential, named=named),
            "staff": _staff(credential),
            "entries": _entries(credential),
            "steps": _steps(credential, user),
        }
        return render(request, "certification/credential.html", context)


class CredentialStep(FormStep):
    """Suspend, reinstate or revoke: for the officers of the body that issued it, except its holder."""

    template_name = "certification/credential_step.html"
    heading: ClassVar[Any]
    consequence: ClassVar[Any]

    def fetch(self) -> Any:
        credential, user = super().fetch(), signed_in(self.request)
        access.require(user, "certification.suspend", credential.organization_id)
        if credential.is_holder(user):
            raise PermissionDenied
        return credential

    def back(self, record: Any) -> str:
        return display.credential_url(record)

    def shown(self, record: Any) -> dict[str, Any]:
        audit.record(Action.READ, record, by=signed_in(self.request), kinds=())
        return {"heading": self.heading, "consequence": self.consequence, "credential": record}


class Suspend(CredentialStep):
    verb = "suspend"
    form_class = SuspensionForm
    heading = _("Suspend")
    consequence = _("It does not count while it is suspended: no referral can be sent that rests on it.")
    submit = _("Suspend it")
    done = _("It is suspended. Open referrals that rest on it are looked at anew.")
    danger = True

    def act(self, record: Any, form: Any) -> str:
        actions.suspend(record, by=signed_in(self.request), **form.cleaned_data)
        return self.back(record)


class Reinstate(CredentialStep):
    verb = "reinstate"
    form_class = ReinstatementForm
    heading = _("Reinstate")
    consequence = _("It counts again from today on. The days on which it was suspended stay on record.")
    submit = _("Reinstate it")
    done = _("It counts again from today on.")

    def act(self, record: Any, form: Any) -> str:
        actions.reinstate(record, by=signed_in(self.request), **form.cleaned_data)
        return self.back(record)


class Revoke(CredentialStep):
    verb = "revoke"
    form_class = RevocationForm
    heading = _("Revoke")
    consequence = _("It ends today, for good. Who holds it would have to apply again.")
    submit = _("Revoke it")
    done = _("It is revoked.")
    danger = True

    def act(self, record: Any, form: Any) -> str:
        actions.revoke(record, by=signed_in(self.request), **form.cleaned_data)
        return self.back(record)


class Schemes(RoomMixin, TemplateView):
    """The schemes and kinds of accreditation of the user's member states, with what each version asks for."""

    template_name = "certification/schemes.html"
    permission = "certification.read_schemes"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            schemes=self._shown(SchemeVersion), kinds=self._shown(AccreditationKind), **kwargs
        )

    def _shown(self, model: Any) -> list[dict[str, Any]]:
        states = access.states_with(signed_in(self.request), self.permission)
        versions = model.objects.visible_to(self.request.user).filter(
            organization__member_state_id__in=states
        )
        return [
            _scheme(one)
            for one in versions.select_related("organization").order_by("code", "version", "pk")[:200]
        ]


def _scheme(version: Any) -> dict[str, Any]:
    return {
        "title": str(version),
        "code": version.code,
        "version": version.version,
        "body": version.organization.name,
        "months": version.validity_months,
        "from": display.day(version.valid_from),
        "until": display.day(version.valid_until),
        "requirements": requirements.items(version),
    }


def _may_read_name(credential: Credential, user: Any) -> bool:
    """A person's name is for the certifying body and the person alone."""
    if not isinstance(credential, Certificate):
        return False
    at_body = access.can(user, "certification.read_applications", credential.organization_id)
    return at_body or credential.is_holder(user)


def _facts(credential: Credential, *, named: bool) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [(_("Number"), credential.number)]
    if isinstance(credential, Accreditation):
        facts += [
            (_("Institution"), credential.institution),
            (_("Place"), credential.location or gettext("all places")),
            (_("Kinds of service"), display.service_kinds(credential)),
        ]
    elif isinstance(credential, Certificate) and named:
        facts.append((_("Name"), credential.application.legal_name))
    facts += [(_("Valid"), display.period(credential)), (_("Issued by"), credential.organization)]
    if credential.ended_on:
        facts.append((_("Ended on"), display.day(credential.ended_on)))
        facts.append((_("Reason"), codelists.get("certificate-end-reason").label(credential.reason)))
    return facts


def _staff(credential: Credential) -> list[Any]:
    """Which certificates the staff must hold, with how many do today."""
    return (
        staff_requirements(credential, timezone.localdate()) if isinstance(credential, Accreditation) else []
    )


def _entries(credential: Any) -> list[dict[str, Any]]:
    """The suspensions and the issue, newest first."""
    reasons = codelists.get("suspension-reason")
    found = []
    for one in credential.suspensions.order_by("-from_day", "-created_at"):
        if one.until_day:
            found.append(
                {"at": display.day(one.until_day), "text": _("The suspension ended"), "icon": "done"}
            )
        text, detail = _("Suspended"), reasons.label(one.reason)
        found.append({"at": display.day(one.from_day), "text": text, "detail": detail, "icon": "stop"})
    found.append(
        {"at": display.day(credential.valid_from), "text": _("Valid from this day"), "icon": "certificate"}
    )
    return found


def _steps(credential: Credential, user: Any) -> list[tuple[str, str, str]]:
    """(address, label, variant) of each step that is possible now, for somebody independent."""
    expired = credential.status_on(timezone.localdate()) == Credential.Status.EXPIRED
    if expired or credential.is_holder(user):
        return []
    labels = (
        ("suspend", _("Suspend"), "quiet"),
        ("reinstate", _("Reinstate"), ""),
        ("revoke", _("Revoke"), "danger"),
    )
    return [
        (display.credential_url(credential, verb), label, variant)
        for verb, label, variant in labels
        if credential.may(user, verb)
    ]
