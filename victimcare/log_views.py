"""The rooms of the access log: what an account saw, and what it could have seen. Each look is itself
logged.
"""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from victimcare import access, audit, reading, worksheet
from victimcare.log_forms import BreachForm, UserLogForm
from victimcare.models import AccessEntry, User
from victimcare.models.logs import Action
from victimcare.paging import key_page
from victimcare.step_up import StepUpMixin
from victimcare.views import RoomMixin

NEWEST_FIRST = ("-at", "-pk")
# Of the worksheet on a page; the file has all.
ROWS_SHOWN = 200


class LogView(RoomMixin, View):
    """`self.me` is the user; login is required before any view is reached."""

    @property
    def me(self) -> User:
        return cast(User, self.request.user)


class UserLog(LogView):
    """What did this account see, between two days."""

    permission = "victimcare.read_access_log"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = "account" in request.GET
        accounts = reading.accounts_for(self.me)
        form = UserLogForm(request.GET if asked else None, accounts=accounts, initial=UserLogForm.beginning())
        context: dict[str, Any] = {"form": form, "asked": False, "sealed": self.sealed()}
        if asked and form.is_valid():
            context |= self.found(form)
        return render(request, "victimcare/log_user.html", context)

    def found(self, form: UserLogForm) -> dict[str, Any]:
        since, until = form.span()
        entries = AccessEntry.objects.visible_to(self.me).select_related("by")
        entries = entries.filter(by=form.chosen().pk, at__gte=since, at__lt=until)
        page = key_page(entries, self.request, by=NEWEST_FIRST)
        audit.record(Action.READ, AccessEntry, by=self.me, kinds=(), rows=len(page.rows))
        rows = reading.shown(page.rows, self.me)
        return {"asked": True, "rows": rows, "name": str(form.chosen()), **page.urls(self.request)}

    def sealed(self) -> str:
        return reading.sealed_in_words(access.states_with(self.me, self.permission))


class Breach(LogView):
    """The worksheet: which data of which persons an account could read, and what was shown of them."""

    permission = "victimcare.audit"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = self.form()
        context: dict[str, Any] = {"form": form, "asked": False}
        if form.is_bound and form.is_valid():
            context |= self.shown(self.rows(form, Action.READ), form)
        return render(request, "victimcare/log_breach.html", context)

    def form(self) -> BreachForm:
        asked = self.request.GET if "account" in self.request.GET else None
        accounts = reading.accounts_for(self.me)
        return BreachForm(asked, accounts=accounts, initial=BreachForm.beginning())

    def rows(self, form: BreachForm, action: Action) -> list[worksheet.Row]:
        given = form.cleaned_data
        states = access.states_with(self.me, self.permission)
        found = worksheet.rows(form.chosen(), given["since"], given["until"], states=states)
        audit.record(action, AccessEntry, by=self.me, kinds=(), rows=len(found))
        return found

    def shown(self, found: list[worksheet.Row], form: BreachForm) -> dict[str, Any]:
        return {
            "asked": True,
            "name": str(form.chosen()),
            "readable": len(found),
            "seen": sum(1 for row in found if row.shown.times),
            "rows": [worksheet.in_words(row) for row in found[:ROWS_SHOWN]],
            "has_more": len(found) > ROWS_SHOWN,
            "file_url": f"{reverse('breach_file')}?{self.request.GET.urlencode()}",
        }


class BreachFile(StepUpMixin, Breach):
    """The whole worksheet for a spreadsheet. Its name says nothing."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = self.form()
        if not (form.is_bound and form.is_valid()):
            return render(request, "victimcare/log_breach.html", {"form": form, "asked": False})
        text = worksheet.as_csv(self.rows(form, Action.EXPORT))
        name = f"worksheet-{timezone.localdate().isoformat()}.csv"
        response = HttpResponse(text, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
