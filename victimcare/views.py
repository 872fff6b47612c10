"""The pages that belong to no app, and what every view of the product shares."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.generic import TemplateView

from victimcare import access, actions, audit, navigation
from victimcare.models.logs import Action


class RoomMixin:
    """A view behind a role: without `permission` anywhere, 403."""

    permission: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        access.require(request.user, self.permission)  # type: ignore[arg-type]  # login is required before
        return super().dispatch(request, *args, **kwargs)


def visible_or_404(request: HttpRequest, model: type[models.Model], **lookup: Any) -> Any:
    """The one record that the user may know of, else 404.

    A refusal is logged without saying what was asked for.
    """
    request.asked_of = model  # type: ignore[attr-defined]  # for the log, should the page be refused
    found = model.objects.visible_to(request.user).filter(**lookup).first()  # type: ignore[attr-defined]  # of every record
    if found is None:
        audit.record(Action.REFUSED, model, by=request.user, rows=0)  # type: ignore[arg-type]  # signed in
        raise Http404
    return found


def add_errors(form: Any, error: ValidationError) -> None:
    """An action's refusal, shown where the form shows its own."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)


def say_errors(request: HttpRequest, error: ValidationError) -> None:
    """An action's refusal where there is no form to show it in: as messages."""
    for text in error.messages:
        messages.error(request, text)


class Home(TemplateView):
    template_name = "victimcare/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        panels = navigation.panels_for(self.request.user)  # type: ignore[arg-type]  # login is required before
        return super().get_context_data(panels=panels, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class Healthz(View):
    """200 when the database answers; says nothing else."""

    def get(self, request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return HttpResponse("ok", content_type="text/plain")


@method_decorator(login_not_required, name="dispatch")
class Leave(View):
    """Quick exit: sign out and be on a page that anybody may have open.

    A link, so that it works without JavaScript.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        response = HttpResponseRedirect(settings.QUICK_EXIT_URL)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


@method_decorator(login_not_required, name="dispatch")
class Language(View):
    """Choose the language of the pages: kept with the account, or in a cookie before signing in."""

    def post(self, request: HttpRequest) -> HttpResponse:
        language = request.POST.get("language", "")
        back = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        response = HttpResponseRedirect(back if safe else reverse("home"))
        if language in dict(settings.LANGUAGES):
            if request.user.is_authenticated:
                actions.choose_language(language, by=request.user)
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", httponly=True)
        return response
