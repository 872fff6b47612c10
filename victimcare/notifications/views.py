"""What waits for the user: the list, one opened, all read, and how they want to hear of it."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from victimcare.models import Notification, User
from victimcare.notifications import actions, listing
from victimcare.notifications.forms import ChoicesForm
from victimcare.views import FormStep, visible_or_404


class Notifications(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        page, rows = listing.page_of(user, request)
        context = {"rows": rows, **page.urls(request)}
        return render(request, "victimcare/notifications/list.html", context)


class NotificationOpen(View):
    """A button: no look at a page changes anything."""

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        found: Notification = visible_or_404(request, Notification, pk=pk)
        actions.mark_read(found, by=cast(User, request.user))
        return redirect(found.link)


class NotificationsRead(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        actions.mark_all_read(by=cast(User, request.user))
        return redirect("notifications:list")


class NotificationChoices(FormStep):
    template_name = "victimcare/notifications/choices.html"
    submit = _("Save")
    done = _("Saved. It holds from the next notification on.")

    @property
    def me(self) -> User:
        return cast(User, self.request.user)

    def form(self, record: Any, data: Any = None) -> ChoicesForm:
        return ChoicesForm(data, user=self.me)

    def act(self, record: Any, form: ChoicesForm) -> str:
        actions.choose(form.chosen(), by=self.me)
        return self.back(record)

    def back(self, record: Any) -> str:
        return reverse("notifications:list")
