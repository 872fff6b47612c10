"""Who works on the case: a supervisor decides."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from cases import actions
from cases.forms.assignments import AssignForm
from cases.models import Assignment
from cases.views.base import CaseView
from victimcare.views import add_errors, visible_or_404


class Assign(CaseView):
    permission = "cases.assign"

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            actions.assign(self.case, form.chosen(), by=self.me)
        except ValidationError as error:
            add_errors(form, error)
            return self.show(form)
        messages.success(request, _("Assigned."))
        return redirect("cases:assign", pk=pk)

    def running(self) -> list[Assignment]:
        found = Assignment.objects.visible_to(self.me).filter(case=self.case, ended_at=None)
        return list(found.select_related("user").order_by("started_at", "pk"))

    def form(self, data: Any = None) -> AssignForm:
        busy = {assignment.user_id for assignment in self.running()}
        return AssignForm(data, case=self.case, user=self.me, busy=busy)

    def show(self, form: AssignForm) -> HttpResponse:
        context = {"form": form, "case": self.case, "running": self.running(), "team": self.case.team.name}
        return render(self.request, "cases/assign.html", context)


class Unassign(CaseView):
    permission = "cases.assign"

    def post(self, request: HttpRequest, pk: Any, assignment_pk: Any) -> HttpResponse:
        assignment = visible_or_404(request, Assignment, pk=assignment_pk, case=self.case)
        actions.unassign(assignment, by=self.me)
        messages.success(request, _("The case is closed to this worker now."))
        return redirect("cases:assign", pk=pk)
