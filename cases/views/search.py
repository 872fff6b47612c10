"""Search before create. By POST: what was typed is in no address, log or browser history."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cases import requests, search
from cases.forms.search import SearchForm
from cases.views.base import SignedInView
from cases.views.rows import rows_of
from victimcare.views import RoomMixin


class PersonSearch(RoomMixin, SignedInView):
    permission = "cases.open"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request, SearchForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SearchForm(request.POST)
        if not form.is_valid():
            return self.answer(request, form)
        found = search.find(form.clues(), by=self.me)
        return self.answer(request, form, found)

    def answer(
        self, request: HttpRequest, form: SearchForm, found: search.Found | None = None
    ) -> HttpResponse:
        context: dict[str, Any] = {"form": form, "found": found, "asked": requests.mine()}
        if found:
            rows = rows_of([match.case for match in found.matches])
            context["results"] = list(zip(rows, (match.reasons for match in found.matches), strict=True))
        return render(request, "cases/search.html", context)
