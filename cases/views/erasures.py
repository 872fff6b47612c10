"""A legal hold; asking for an erasure, deciding on it, and its certificate."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from cases import actions, keeping
from cases.erasing import Elsewhere, kept_by_hold, named_elsewhere, recipients_of
from cases.forms.erasures import ErasureApproveForm, ErasureAskForm, LegalHoldForm, LiftForm
from cases.models import Erasure, LegalHold
from cases.views.base import ButtonView, SignedInView
from cases.views.pages import FormPage
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.paging import key_page
from victimcare.step_up import StepUpMixin
from victimcare.views import RoomMixin, say_errors, visible_or_404

NEWEST_FIRST = ("-asked_at", "pk")


class TimelyPage(FormPage):
    """A form for what is possible now: who comes too late is told so on the case."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)
        except TooLate as late:
            messages.info(request, str(late.said))
            return redirect(self.case_url)


class TooLate(Exception):
    def __init__(self, said: Promise) -> None:
        self.said = said


class LegalHoldSet(FormPage):
    permission = "cases.legal_hold"
    template_name = "cases/legal_hold.html"
    submit = _("Set the legal hold")

    def form(self, data: Any = None) -> LegalHoldForm:
        return LegalHoldForm(data)

    def act(self, form: LegalHoldForm) -> Any:
        actions.set_legal_hold(self.case, by=self.me, reason=form.cleaned_data["reason"])
        return _("A legal hold keeps this case from now on.")

    def context(self) -> dict[str, Any]:
        return {"heading": _("Set a legal hold")}


class LegalHoldLift(TimelyPage):
    permission = "cases.legal_hold"
    template_name = "cases/legal_hold.html"
    submit = _("Lift the legal hold")

    @cached_property
    def hold(self) -> LegalHold:
        hold = keeping.hold_on(self.case, self.me)
        if hold is None:
            raise TooLate(_("No legal hold keeps this case."))
        return hold

    def form(self, data: Any = None) -> LiftForm:
        return LiftForm(data)

    def act(self, form: LiftForm) -> Any:
        actions.lift_legal_hold(self.hold, by=self.me, reason=form.cleaned_data["reason"])
        return _("The legal hold is lifted.")

    def context(self) -> dict[str, Any]:
        return {"heading": _("Lift the legal hold"), "facts": keeping.hold_facts(self.hold)}


class ErasureAsk(StepUpMixin, FormPage):
    permission = "cases.ask_erasure"
    template_name = "cases/erasure_ask.html"
    submit = _("Ask to erase this person")

    def form(self, data: Any = None) -> ErasureAskForm:
        return ErasureAskForm(data)

    def act(self, form: ErasureAskForm) -> Any:
        actions.ask_erasure(self.case, by=self.me, reason=form.cleaned_data["reason"])
        return _("A supervisor of the team was asked to erase the person.")

    def context(self) -> dict[str, Any]:
        return keeping.what_goes(self.case, self.me)


class ErasureApprove(StepUpMixin, TimelyPage):
    """Shows what will go and who was told; the number of the case has to be typed."""

    permission = "cases.approve_erasure"
    template_name = "cases/erasure_approve.html"
    submit = _("Erase for ever")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What was done already, as at a second click, is shown by its certificate."""
        done = Erasure.objects.visible_to(self.me).filter(case=self.case_id, status=Erasure.Status.APPROVED)
        if certificate := done.first():
            return redirect("cases:certificate", pk=certificate.pk)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def erasure(self) -> Erasure:
        waiting = keeping.waiting_on(self.case, self.me)
        if waiting is None:
            raise TooLate(_("Nobody asks to erase this person."))
        return waiting

    @cached_property
    def elsewhere(self) -> Elsewhere:
        asked_by_me = self.erasure.asked_by_id == self.me.pk
        return Elsewhere([], 0) if asked_by_me else named_elsewhere(self.case, by=self.me)

    @cached_property
    def kept(self) -> set[UUID]:
        return kept_by_hold(one.party_id for one in self.elsewhere.named)

    def form(self, data: Any = None) -> ErasureApproveForm:
        offered = [one for one in self.elsewhere.named if one.party_id not in self.kept]
        return ErasureApproveForm(data, number=self.case.number, named=offered)

    def act(self, form: ErasureApproveForm) -> Any:
        chosen = [UUID(party) for party in form.cleaned_data.get("parties", ())]
        actions.approve_erasure(self.erasure, by=self.me, parties=chosen)
        return _("The person is erased.")

    def done_url(self) -> str:
        return reverse("cases:certificate", args=[self.erasure.pk])

    def context(self) -> dict[str, Any]:
        return keeping.what_goes(self.case, self.me) | {
            "asked": keeping.asked_facts(self.erasure),
            "asked_by_me": self.erasure.asked_by_id == self.me.pk,
            "kept": keeping.kept_facts(one for one in self.elsewhere.named if one.party_id in self.kept),
            "unread": self.elsewhere.unread,
            "danger": True,
        }


class ErasureRefuse(ButtonView):
    permission = "cases.approve_erasure"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        waiting = keeping.waiting_on(self.case, self.me)
        if waiting is None:
            messages.info(request, _("Nobody asks to erase this person."))
            return redirect(self.case_url)
        try:
            actions.refuse_erasure(waiting, by=self.me)
        except ValidationError as error:
            say_errors(request, error)
        else:
            messages.success(request, _("The person stays."))
        return redirect(self.case_url)


class Erasures(RoomMixin, SignedInView):
    """Those of the teams that the user supervises: what waits, and the certificates."""

    permission: ClassVar[str] = "cases.approve_erasure"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = Erasure.objects.visible_to(self.me).select_related("case")
        page = key_page(found, request, by=NEWEST_FIRST)
        audit.record_many(Action.LIST, page.rows, by=self.me, kinds=())
        context = {"rows": keeping.erasure_rows(page.rows), **page.urls(request)}
        return render(request, "cases/erasures.html", context)


class Certificate(SignedInView):
    """To print: what was erased, when, by whom, and who was told about the person."""

    erasure: Erasure

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.erasure = visible_or_404(request, Erasure, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        erasure = self.erasure
        audit.record(Action.READ, erasure, by=self.me, kinds=())
        done = erasure.status == Erasure.Status.APPROVED
        context = {
            "heading": _("Certificate of erasure") if done else _("Erasure"),
            "number": erasure.case.number,
            "organization": erasure.case.organization.name,
            "facts": keeping.decided_facts(erasure),
            "done": done,
            "parties": keeping.parties_in_words(erasure),
            "recipients": keeping.recipient_rows(recipients_of(erasure.case)) if done else [],
        }
        return render(request, "cases/certificate.html", context)
