"""The organisation's queue of what was sent to it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from referrals import inbox
from referrals.views.base import SignedInView
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.paging import Page, key_page
from victimcare.views import RoomMixin


class Inbox(RoomMixin, SignedInView):
    permission = "referrals.answer"

    def get(self, request: HttpRequest) -> HttpResponse:
        tab, page = self.page(request.GET.get("show", ""))
        audit.record_many(Action.LIST, page.rows, by=self.me, kinds=())
        context: dict[str, Any] = {
            "rows": inbox.inbox_rows(page.rows),
            "suspended": inbox.suspensions(self.me),
            "erased": inbox.erased_lately(self.me),
            "tabs": [
                (label, f"{reverse('referrals:inbox')}?show={name}", name == tab)
                for name, (label, _states) in inbox.TABS.items()
            ],
            **page.urls(request, show=tab),
        }
        return render(request, "referrals/inbox.html", context)

    def page(self, tab: str) -> tuple[str, Page]:
        """Of the tab that is asked for; else of what is new; if nothing is, of what waits for an answer."""
        if "after" not in self.request.GET:
            first = tab if tab in inbox.TABS else "new"
            page = inbox.first_page(first, self.me)
            if tab in inbox.TABS or page.rows:
                return first, page
            return "waiting", inbox.first_page("waiting", self.me)
        tab = tab if tab in inbox.TABS else "new"
        return tab, key_page(inbox.shown_in(tab, self.me).with_sender(), self.request, by=inbox.ORDER)
