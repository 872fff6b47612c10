"""Asking the owner of a record that may exist, and the owners' answers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cases import access_log, actions
from cases.forms.search import AnswerForm, SearchForm
from cases.models import RecordRequest
from cases.views.base import SignedInView
from victimcare.views import RoomMixin, say_errors, visible_or_404


class RecordAsk(RoomMixin, SignedInView):
    """What was searched for is posted once more: no address names it, and nothing keeps it."""

    permission = "cases.open"

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("cases:search")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SearchForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Search again, then ask."))
            return redirect("cases:search")
        try:
            actions.ask_for_record(form.clues(), by=self.me)
            messages.success(request, _("The owner of the record was asked. You see the answer here."))
        except ValidationError as error:
            say_errors(request, error)
        return redirect("cases:search")


class Requests(RoomMixin, SignedInView):
    """What others ask about cases of the teams that one supervises."""

    permission = "cases.supervise"

    def get(self, request: HttpRequest) -> HttpResponse:
        waiting = RecordRequest.objects.visible_to(self.me).waiting()
        rows = list(waiting.select_related("case__team", "case__organization", "organization", "created_by"))
        access_log.numbered([row.case for row in rows], by=self.me)
        return render(request, "cases/requests.html", {"rows": rows})


class RequestAnswer(SignedInView):
    def get(self, request: HttpRequest, pk: str) -> HttpResponse:
        visible_or_404(request, RecordRequest, pk=pk)
        return redirect("cases:requests")

    def post(self, request: HttpRequest, pk: str) -> HttpResponse:
        asked = visible_or_404(request, RecordRequest, pk=pk)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose one of the two answers."))
            return redirect("cases:requests")
        try:
            actions.answer_request(asked, contact=form.cleaned_data["answer"] == "contact", by=self.me)
            messages.success(request, _("Answered."))
        except ValidationError as error:
            say_errors(request, error)
        return redirect("cases:requests")
