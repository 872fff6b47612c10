"""Who saw this case: for those who may see it, and for an auditor of the member state, who may not."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from cases import audited
from cases.forms.log import CaseNumberForm
from cases.models import Case
from cases.views.base import SignedInView
from victimcare import audit, reading
from victimcare.models import AccessEntry
from victimcare.models.logs import Action
from victimcare.paging import Page, key_page
from victimcare.views import RoomMixin, visible_or_404

NEWEST_FIRST = ("-at", "-pk")


class CaseLog(SignedInView):
    """Whoever may see the case may know who else saw it. An auditor reads its number and the lines, no
    more.
    """

    audited: Case | None
    case: Case

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.audited = audited.of_auditor(self.me, pk=kwargs["pk"])
        self.case = self.audited or visible_or_404(request, Case, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        case = self.case
        page = self.page(case)
        audit.record(Action.READ, AccessEntry, by=self.me, kinds=(), rows=len(page.rows), of=case)
        context = {
            "case": case,
            "is_auditor": self.audited is not None,
            "rows": reading.shown(page.rows, self.me),
            "sealed": reading.sealed_in_words([case.organization.member_state_id]),
            **page.urls(request),
        }
        return render(request, "cases/log.html", context)

    def page(self, case: Case) -> Page:
        """That the case may be asked about was found above."""
        return key_page(reading.of_person(case).select_related("by"), self.request, by=NEWEST_FIRST)


class CaseLogSearch(RoomMixin, SignedInView):
    """By POST: a case number is in no address."""

    permission = "victimcare.audit"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(CaseNumberForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CaseNumberForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        case = audited.of_auditor(self.me, number=form.cleaned_data["number"])
        if case is None:
            audit.record(Action.SEARCH, Case, by=self.me, kinds=(), rows=0)
            form.add_error("number", _("No case of your member state has this number."))
            return self.show(form)
        return redirect("cases:log", pk=case.pk)

    def show(self, form: CaseNumberForm) -> HttpResponse:
        return render(self.request, "cases/log_search.html", {"form": form, "submit": _("Show its log")})
