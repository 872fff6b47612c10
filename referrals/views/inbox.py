"""The organisation's queue of what was sent to it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from referrals import inbox
from referrals.views.base import SignedInView
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.paging import key_page
from victimcare.views import RoomMixin


class Inbox(RoomMixin, SignedInView):
    permission = "referrals.answer"

    def get(self, request: HttpRequest) -> HttpResponse:
        tab = request.GET.get("show", "")
        tab = tab if tab in inbox.TABS else self.first_tab()
        page = key_page(inbox.shown_in(tab, self.me).with_names(), request, by=inbox.ORDER)
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

    def first_tab(self) -> str:
        """What is new; if nothing is, what waits for an answer."""
        return "new" if inbox.shown_in("new", self.me).exists() else "waiting"
