"""Background work: the page, and its one button."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from victimcare import access
from victimcare.models import User
from victimcare.views import RoomMixin
from victimcare.work import actions, listing


class Work(RoomMixin, View):
    permission = access.KEEP_WORK

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "victimcare/work/list.html", listing.shown())


class TryAgain(RoomMixin, View):
    permission = access.KEEP_WORK

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        if actions.try_again(pk, by=cast(User, request.user)):
            messages.success(request, _("It will be tried again now."))
        else:
            messages.info(request, _("It has not failed, or was done meanwhile."))
        return redirect("work:list")
