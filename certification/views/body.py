"""Pages of a certifying body: what waits, one application, the review, the decision by another."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from certification import access_log, actions, display, queue, requirements
from certification.actions.decisions import OwnApplication, ReviewedByYou
from certification.forms import DecisionForm, ReviewForm
from certification.models import Application
from certification.views.steps import FormStep, signed_in
from victimcare import access, audit, codelists
from victimcare.encryption import keyring
from victimcare.models import User
from victimcare.models.logs import Action
from victimcare.views import RoomMixin, say_errors, visible_or_404


class Queue(RoomMixin, TemplateView):
    """What waits at the user's certifying body, oldest first."""

    template_name = "certification/queue.html"
    permission = "certification.read_applications"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        decides = access.has(user, "certification.decide")
        to_decide = decides and self.request.GET.get("show") == "decide"
        page = queue.page_asked(self.request, user, to_decide=to_decide)
        keyring.preload(page.rows)
        access_log.listed(page.rows, by=user)
        return super().get_context_data(
            rows=[display.application_row(one) for one in page.rows],
            tabs=_tabs(to_decide=to_decide) if decides else [],
            to_decide=to_decide,
            **page.urls(self.request),
            **kwargs,
        )


def _tabs(*, to_decide: bool) -> list[tuple[Any, str, bool]]:
    url = reverse("certification:queue")
    return [(_("To review"), url, not to_decide), (_("To decide"), f"{url}?show=decide", to_decide)]


class ApplicationPage(View):
    """One application: what is asked for beside what is stated, and the next step for who may take it."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        user = signed_in(request)
        application = visible_or_404(request, Application, pk=pk)
        audit.record(Action.READ, application, by=user)
        context = {
            "application": application,
            "title": str(application.asked_for),
            "status": display.application_status(application),
            "facts": _facts(application),
            "answers": requirements.answers(application),
            "credential": _credential_row(application),
            **_next_steps(application, user),
        }
        return render(request, "certification/application.html", context)


class StartReview(View):
    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        application = visible_or_404(request, Application, pk=pk)
        try:
            actions.start_review(application, by=signed_in(request))
        except ValidationError as error:
            say_errors(request, error)
        return HttpResponseRedirect(reverse("certification:application", args=[application.pk]))


class BodyStep(FormStep):
    """A step of the body's staff; who is not independent reads why somebody else must take it."""

    model = Application
    permission: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        application = self.record
        reason = _not_for(application, signed_in(request), self.permission)
        if reason is None:
            return super().dispatch(request, *args, **kwargs)
        audit.refused(Application, by=signed_in(request))
        context = {"application": application, "reason": reason}
        return render(request, "certification/not_yours.html", context, status=403)

    def fetch(self) -> Any:
        application = super().fetch()
        access.require(signed_in(self.request), self.permission, application.organization_id)
        return application

    def back(self, record: Any) -> str:
        return reverse("certification:application", args=[record.pk])

    def shown(self, record: Any) -> dict[str, Any]:
        audit.record(Action.READ, record, by=signed_in(self.request))
        return {
            "application": record,
            "title": str(record.asked_for),
            "applicant": display.applicant(record),
            "answers": requirements.answers(record),
            "recommendation": record.get_recommendation_display(),
        }


class Review(BodyStep):
    verb = "finish_review"
    permission = "certification.review"
    template_name = "certification/review.html"
    form_class = ReviewForm
    submit = _("Finish the review")
    done = _("The review is finished. A colleague who did not take part decides.")

    def act(self, record: Any, form: Any) -> str:
        actions.finish_review(record, by=signed_in(self.request), **form.cleaned_data)
        return self.back(record)


class Decide(BodyStep):
    verb = "decide"
    permission = "certification.decide"
    template_name = "certification/decide.html"
    form_class = DecisionForm
    submit = _("Record the decision")
    done = _("The decision is recorded, and the applicant sees it.")

    def act(self, record: Any, form: Any) -> str:
        actions.decide(record, by=signed_in(self.request), **form.cleaned_data)
        return self.back(record)


def _not_for(application: Application, user: User, permission: str) -> str | None:
    """Why this person does not take this step, in words; None if they may."""
    if application.is_applicant(user):
        return " ".join(OwnApplication().messages)
    if permission == "certification.decide" and application.took_part(user):
        return " ".join(ReviewedByYou().messages)
    return None


def _next_steps(application: Application, user: User) -> dict[str, Any]:
    """What the page offers, and what it explains instead.

    An applicant who works at the body reads their own application as an applicant: without the findings.
    """
    at_body = not application.is_applicant(user) and access.can(
        user, "certification.read_applications", application.organization_id
    )
    applies = application.may_write(user) and application.status == Application.Status.DRAFT
    ready_for = next(
        (verb for verb in ("start_review", "finish_review", "decide") if application.may(user, verb)), ""
    )
    permission = "certification.decide" if ready_for == "decide" else "certification.review"
    explained = _not_for(application, user, permission) if ready_for else None
    return {
        "at_body": at_body,
        "may_send": applies,
        "next_step": "" if explained else ready_for,
        "explained": explained,
        "waits_for_decision": at_body and application.status == Application.Status.REVIEWED,
    }


def _facts(application: Application) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [(_("Applicant"), display.applicant(application))]
    if application.practitioner is not None:
        facts.append((_("Identity document"), application.identity.identity_number))
        facts.append((_("Date of birth"), application.identity.birth))
    else:
        facts.append((_("Place"), application.location or gettext("all places")))
    facts.append((_("Certifying body"), application.organization))
    if application.submitted_at:
        facts.append((_("Sent on"), display.day(application.submitted_at)))
    if application.decided_at:
        facts.append((_("Decided on"), display.day(application.decided_at)))
        facts.append((_("Reason"), codelists.get("decision-reason").label(application.reason)))
    return facts


def _credential_row(application: Application) -> dict[str, Any] | None:
    """What was issued on it, if anything was."""
    name = "certificate" if application.practitioner_id else "accreditation"
    issued = getattr(application, name, None)
    return display.credential_row(issued) if issued else None
