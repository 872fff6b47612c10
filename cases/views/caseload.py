"""The user's cases; for a supervisor those of the team."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from cases import access_log, caseload, search
from cases.forms.caseload import FilterForm
from cases.forms.search import CaseloadSearchForm
from cases.models import Case
from cases.models.cases import CaseQuerySet
from cases.views.base import SignedInView
from cases.views.rows import Row, rows_of
from victimcare import access
from victimcare.models.logs import Action
from victimcare.paging import Page, key_page
from victimcare.views import RoomMixin


class Caseload(RoomMixin, SignedInView):
    permission = "cases.work"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = FilterForm(request.GET, user=self.me)
        page = self.page(form)
        access_log.shown(Action.LIST, page.rows, by=self.me)
        return self.show(
            filter_form=form,
            rows=self.rows(page.rows),
            filtered=form.narrows,
            **page.urls(request),
        )

    def page(self, form: FilterForm) -> Page:
        if form.narrows or "after" in self.request.GET:
            narrowed = form.narrow(self.cases())
            return key_page(caseload.ranked(narrowed, self.me), self.request, by=caseload.ORDER)
        return caseload.first_page(self.me)

    def post(self, request: HttpRequest) -> HttpResponse:
        """A search among the user's cases: posted, so that no name is in an address."""
        form = CaseloadSearchForm(request.POST)
        if not form.is_valid():
            return self.show(search_form=form, rows=[])
        if not form.cleaned_data["q"]:
            return redirect("cases:caseload")
        found = search.own(form.cleaned_data["q"], by=self.me)
        return self.show(search_form=form, rows=self.rows(found), searched=True)

    def rows(self, cases: list[Case]) -> list[Row]:
        return rows_of(cases, workers=self.supervises)

    @property
    def supervises(self) -> bool:
        return access.has(self.me, "cases.supervise")

    def cases(self) -> CaseQuerySet:
        visible: CaseQuerySet = Case.objects.visible_to(self.me)
        return visible.with_places()

    def show(self, **context: Any) -> HttpResponse:
        context.setdefault("search_form", CaseloadSearchForm())
        context.setdefault("filter_form", FilterForm(user=self.me))
        context["supervises"] = self.supervises
        context["may_open"] = access.has(self.me, "cases.open")
        return render(self.request, "cases/caseload.html", context)
