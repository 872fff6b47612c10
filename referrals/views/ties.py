"""Provider staff who are tied to somebody say so, and see it no more."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from cases.forms.ties import TieForm
from referrals import actions
from referrals.views.base import ReferralView
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.views import add_errors


class TieDeclare(ReferralView):
    def check(self) -> None:
        if not self.referral.permits(self.me, "receive"):
            raise PermissionDenied

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self.show(TieForm())

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        form = TieForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            actions.declare_tie_on(self.referral, by=self.me, **form.values())
        except ValidationError as error:
            add_errors(form, error)
            return self.show(form)
        messages.success(request, _("The referral is locked to you. Your colleagues go on with it."))
        return redirect("referrals:inbox")

    def show(self, form: TieForm) -> HttpResponse:
        audit.record(Action.READ, self.referral, by=self.me, kinds=())
        context = {"form": form, "submit": _("Lock the referral to me"), "cancel_url": self.url}
        return render(self.request, "referrals/tie.html", context)
