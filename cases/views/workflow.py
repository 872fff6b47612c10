"""The steps of a case. One that is not possible any more is said in words, beside the case as it is now."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from cases import actions, record_sections
from cases.forms.workflow import AskClosureForm, RefuseClosureForm, UrgencyForm
from cases.models import Case
from cases.views.base import ButtonView
from cases.views.pages import FormPage
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.views import say_errors
from victimcare.workflow import IllegalTransition


class StepView(ButtonView):
    """One step, by one button."""

    act: ClassVar[Callable[..., Case]]
    said: ClassVar[Any]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            type(self).act(self.case, by=self.me)
        except ValidationError as error:
            say_errors(request, error)
        else:
            messages.success(request, self.said)
        return redirect(self.case_url)


class Open(StepView):
    act = actions.open_work
    said = _("Work on the case begins.")


class Hold(StepView):
    act = actions.hold_case
    said = _("The case is on hold.")


class Resume(StepView):
    act = actions.resume_case
    said = _("Work on the case goes on.")


class Reopen(StepView):
    act = actions.reopen_case
    said = _("The case is open again.")


class Urgency(FormPage):
    template_name = "cases/urgency.html"

    def form(self, data: Any = None) -> UrgencyForm:
        return UrgencyForm(data, initial={"urgency": self.case.urgency})

    def act(self, form: UrgencyForm) -> Any:
        actions.change_urgency(self.case, by=self.me, urgency=form.cleaned_data["urgency"])
        return _("Saved.")


class StepForm(FormPage):
    """A step that asks for words first."""

    verb: ClassVar[str]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.case.status not in Case.TRANSITIONS[self.verb].sources:
            say_errors(request, IllegalTransition(self.verb, self.case.get_status_display()))
            return redirect(self.case_url)
        return super().get(request, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, **kwargs)
        except IllegalTransition as error:
            say_errors(request, error)
            return redirect(self.case_url)

    def refused(self, form: Any, error: ValidationError) -> Any:
        if isinstance(error, IllegalTransition):
            raise error  # no form can mend this: the case itself has moved on
        return super().refused(form, error)


class ClosureAsk(StepForm):
    permission = "cases.ask_closure"
    template_name = "cases/closure_ask.html"
    submit = _("Ask to close")
    verb = "ask_closure"

    def form(self, data: Any = None) -> AskClosureForm:
        return AskClosureForm(data)

    def act(self, form: AskClosureForm) -> Any:
        given = form.cleaned_data
        actions.ask_closure(self.case, by=self.me, reason=given["closure_reason"], words=given["words"])
        return _("A supervisor of the team was asked to close the case.")


class ClosureApprove(StepView):
    """Shows who asked, why and in which words; approving is one button."""

    permission = "cases.approve_closure"
    act = actions.approve_closure
    said = _("The case is closed.")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.case.status != Case.Status.CLOSING:
            say_errors(request, IllegalTransition("approve_closure", self.case.get_status_display()))
            return redirect(self.case_url)
        shown = record_sections.closure(self.case, self.me)
        audit.record(Action.READ, self.case, by=self.me, kinds=shown["kinds"])
        context = {"case": self.case, "submit": _("Approve the closure"), "cancel_url": self.case_url}
        return render(request, "cases/closure_decide.html", context | shown)


class ClosureRefuse(StepForm):
    permission = "cases.approve_closure"
    template_name = "cases/closure_refuse.html"
    submit = _("Do not close")
    verb = "refuse_closure"

    def form(self, data: Any = None) -> RefuseClosureForm:
        return RefuseClosureForm(data)

    def act(self, form: RefuseClosureForm) -> Any:
        actions.refuse_closure(self.case, by=self.me, words=form.cleaned_data["text"])
        return _("The case stays open.")
