"""Opening a case in an emergency, what it shows, and its review."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cases import actions, emergencies
from cases.access import OPEN_IN_EMERGENCY, REVIEW_EMERGENCIES
from cases.forms.emergencies import EmergencyForm, MoreForm, ReviewForm
from cases.models import Case, EmergencyAccess
from cases.views.base import SignedInView
from cases.views.case import contacts
from cases.workers import case_to_open
from victimcare import audit
from victimcare.kinds import DataKind
from victimcare.models.logs import Action
from victimcare.paging import key_page
from victimcare.step_up import StepUpMixin
from victimcare.views import RoomMixin, add_errors, say_errors, visible_or_404

NEWEST_FIRST = ("-opened_at", "pk")
NONE_TO_OPEN = _("There is no case with this number that you could open. Look at the number again.")
ENDED = _("This emergency access has ended. If you still need the case, open it again.")
SHOWN = frozenset({DataKind.IDENTITY, DataKind.CONTACT, DataKind.RISK})


class Opening(StepUpMixin, SignedInView):
    """Few fields on one page: somebody is waiting. Who opens it says again who they are."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        case = self.case_of(form)
        if case is None:
            audit.record(Action.SEARCH, Case, by=self.me, kinds=(), rows=0)
            form.add_error("number", NONE_TO_OPEN)
            return self.show(form)
        if Case.objects.visible_to(self.me).filter(pk=case.pk).exists():
            return redirect("cases:case", pk=case.pk)
        return self.opened(form, case)

    def form(self, data: Any = None) -> EmergencyForm:
        raise NotImplementedError

    def case_of(self, form: EmergencyForm) -> Case | None:
        raise NotImplementedError

    def opened(self, form: EmergencyForm, case: Case) -> HttpResponse:
        try:
            actions.open_in_emergency(case, by=self.me, **form.values())
        except ValidationError as error:
            add_errors(form, error)
            return self.show(form)
        return redirect("cases:emergency", pk=case.pk)

    def show(self, form: EmergencyForm) -> HttpResponse:
        return render(self.request, "cases/emergency_open.html", {"form": form})


class EmergencyFind(RoomMixin, Opening):
    """By the number that somebody read out. What is locked, and what is not there, gets the same answer."""

    permission = OPEN_IN_EMERGENCY

    def form(self, data: Any = None) -> EmergencyForm:
        return EmergencyForm(data, asks_number=True)

    def case_of(self, form: EmergencyForm) -> Case | None:
        return case_to_open(self.me, number=form.cleaned_data["number"])


class Emergency(Opening):
    """One case: opened here, and the minimum of it shown here. Who sees all of it is led to its page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        request.asked_of = Case  # type: ignore[attr-defined]  # for the log, should the page be refused
        if Case.objects.visible_to(request.user).filter(pk=kwargs["pk"]).exists():
            return redirect("cases:case", pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def asks(self) -> bool:
        """What runs was opened by who is here."""
        return self.running is None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.running:
            return minimum(request, self.running, MoreForm())
        return self.show(self.form()) if self.case else self.unknown()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.running:
            return redirect("cases:emergency", pk=kwargs["pk"])
        return super().post(request, **kwargs) if self.case else self.unknown()

    @cached_property
    def running(self) -> EmergencyAccess | None:
        return emergencies.running_on(self.kwargs["pk"], self.me)

    @cached_property
    def case(self) -> Case | None:
        return case_to_open(self.me, pk=self.kwargs["pk"])

    def form(self, data: Any = None) -> EmergencyForm:
        return EmergencyForm(data, asks_number=False)

    def case_of(self, form: EmergencyForm) -> Case | None:
        return self.case

    def unknown(self) -> HttpResponse:
        audit.refused(Case, by=self.me)
        raise Http404


def minimum(request: HttpRequest, emergency: EmergencyAccess, form: MoreForm) -> HttpResponse:
    """Who it is, how to reach them safely, what is dangerous: and no more, whoever asks."""
    user: Any = request.user
    case = emergencies.minimum_of(emergency, user)
    audit.record(Action.READ, case, by=user, kinds=SHOWN)
    emergencies.remember(request, emergency)
    ways = [way | {"edit_url": ""} for way in contacts(case, user)]
    context = {
        "case": case,
        "name": case.person.display_name or _("Name not known"),
        "contacts": ways,
        "dangers": emergencies.dangers(case, user),
        "workers": emergencies.workers(case, user),
        "form": form,
    }
    return render(request, "cases/emergency.html", context)


class OwnEmergency(SignedInView):
    """A step with one's own emergency access. Who comes too late is told so, and can open the case again."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.emergency = emergencies.running_on(kwargs["pk"], self.me)
        if self.emergency is None:
            if not case_to_open(self.me, pk=kwargs["pk"]):
                audit.refused(Case, by=self.me)
                raise Http404
            messages.info(request, ENDED)
            return redirect("cases:emergency", pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        messages.info(request, _("Nothing was changed yet. Press the button again."))
        return redirect("cases:emergency", pk=kwargs["pk"])


class EmergencyMore(OwnEmergency):
    emergency: EmergencyAccess

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = MoreForm(request.POST)
        if not form.is_valid():
            return minimum(request, self.emergency, form)
        try:
            actions.need_more(self.emergency, by=self.me, words=form.cleaned_data["words"])
        except ValidationError as error:
            say_errors(request, error)
        return redirect("cases:emergency", pk=kwargs["pk"])


class EmergencyEnd(OwnEmergency):
    emergency: EmergencyAccess

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actions.end_emergency(self.emergency, by=self.me)
        messages.success(request, _("The case is closed to you again."))
        return redirect("home")


class Emergencies(RoomMixin, SignedInView):
    """What others opened: first what waits for a review, and behind a link what was reviewed."""

    permission = REVIEW_EMERGENCIES

    def get(self, request: HttpRequest) -> HttpResponse:
        closed = request.GET.get("closed") == "1"
        mine = emergencies.reviews_of(self.me).filter(reviewed_at__isnull=not closed)
        found = mine.select_related("user")
        page = key_page(found, request, by=NEWEST_FIRST)
        audit.record_many(Action.LIST, page.rows, by=self.me, kinds=())
        context = {"rows": emergencies.rows(page.rows), "closed": closed, **page.urls(request)}
        return render(request, "cases/emergencies.html", context)


class EmergencyReview(SignedInView):
    """One emergency access: to who answers for the case, and to who reviews it. Not more of the case than
    they see anyway.
    """

    emergency: EmergencyAccess

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.emergency = visible_or_404(request, EmergencyAccess, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        given = form.cleaned_data
        try:
            actions.review_emergency(
                self.emergency, by=self.me, outcome=given["outcome"], words=given.get("review_words", "")
            )
        except ValidationError as error:
            add_errors(form, error)
            return self.show(form)
        messages.success(request, _("The review is closed."))
        return redirect("cases:emergencies")

    def form(self, data: Any = None) -> ReviewForm:
        return ReviewForm(data, asks_words=not self.emergency.is_erased)

    def show(self, form: ReviewForm) -> HttpResponse:
        one = self.emergency
        audit.record(Action.READ, one, by=self.me)
        waits = emergencies.reviews_of(self.me).to_review()
        context = {
            "number": one.number,
            "facts": emergencies.facts(one),
            "review": emergencies.review_facts(one),
            "lines": emergencies.shown_in(one),
            "form": form if waits.filter(pk=one.pk).exists() else None,
            "running": one.is_running,
            "erased": one.is_erased,
        }
        return render(self.request, "cases/emergency_review.html", context)
