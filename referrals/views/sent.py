"""The list of what was referred from the user's cases."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from referrals import sent
from referrals.views.base import SignedInView
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.paging import key_page
from victimcare.views import RoomMixin


class Mine(RoomMixin, SignedInView):
    permission = "referrals.send"

    def get(self, request: HttpRequest) -> HttpResponse:
        tab = request.GET.get("show", "")
        tab = tab if tab in sent.TABS else self.first_tab()
        _label, order = sent.TABS[tab]
        page = key_page(sent.shown_in(tab, self.me), request, by=order)
        audit.record_many(Action.LIST, page.rows, by=self.me, kinds=())
        context = {
            "rows": sent.rows(page.rows),
            "tabs": [
                (label, f"{reverse('referrals:mine')}?show={name}", name == tab)
                for name, (label, _order) in sent.TABS.items()
            ],
            "nothing_to_do": tab == "todo",
            **page.urls(request, show=tab),
        }
        return render(request, "referrals/mine.html", context)

    def first_tab(self) -> str:
        """What needs a next step; if nothing does, what waits for an answer."""
        return "todo" if sent.shown_in("todo", self.me).exists() else "waiting"
