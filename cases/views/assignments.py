"""Who works on the case, and which team: a supervisor decides."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import actions
from cases.forms.assignments import AssignForm, MoveForm
from cases.models import Assignment
from cases.views.base import ButtonView, CaseView
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.views import add_errors, visible_or_404


class AssignPage(CaseView):
    """The page has two forms, each with a view of its own: give it to a worker, give it to another team."""

    permission = "cases.assign"

    def running(self) -> list[Assignment]:
        found = Assignment.objects.visible_in(self.case, self.me).filter(ended_at=None)
        return list(found.select_related("user").order_by("started_at", "pk"))

    def assign_form(self, data: Any = None) -> AssignForm:
        busy = {assignment.user_id for assignment in self.running()}
        return AssignForm(data, case=self.case, user=self.me, busy=busy)

    def move_form(self, data: Any = None) -> MoveForm:
        return MoveForm(data, case=self.case, user=self.me)

    def show(self, form: AssignForm | None = None, move: MoveForm | None = None) -> HttpResponse:
        audit.record(Action.READ, self.case, by=self.me, kinds=())
        context = {
            "form": form or self.assign_form(),
            "move": move or self.move_form(),
            "case": self.case,
            "running": self.running(),
            "team": self.case.team.name,
        }
        return render(self.request, "cases/assign.html", context)


class Assign(AssignPage):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.assign_form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            counsels = form.cleaned_data["counsels"]
            actions.assign(self.case, form.chosen(), by=self.me, counsels=counsels)
        except ValidationError as error:
            add_errors(form, error)
            return self.show(form)
        messages.success(request, _("Assigned."))
        return redirect("cases:assign", pk=self.case_id)


class FromAssignPage(ButtonView):
    permission = "cases.assign"

    @property
    def back_url(self) -> str:
        return reverse("cases:assign", args=[self.case_id])


class Move(FromAssignPage, AssignPage):
    """Leads to the caseload: who gave the case away may not see it any more."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.move_form(request.POST)
        if not form.is_valid():
            return self.show(move=form)
        team = form.cleaned_data["team"]
        try:
            actions.move(self.case, team, by=self.me)
        except ValidationError as error:
            add_errors(form, error)
            return self.show(move=form)
        messages.success(request, _("The case is with the team %(team)s now.") % {"team": team.name})
        return redirect("cases:caseload")


class Unassign(FromAssignPage):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        assignment = visible_or_404(request, Assignment, pk=self.kwargs["assignment_pk"], case=self.case)
        actions.unassign(assignment, by=self.me)
        messages.success(request, _("The case is closed to this worker now."))
        return redirect(self.back_url)
