"""The pages that belong to no app, and what every view of the product shares."""

from typing import Any, ClassVar

from allauth.account.views import LogoutView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise, cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.generic import TemplateView

from victimcare import access, acting, actions, audit, erasure_ledger, navigation
from victimcare.records import Stale
from victimcare.workflow import IllegalTransition

# Told to the browser with the answer that signs somebody out.
CLEAR_SITE_DATA = '"cache", "cookies", "storage"'


class RoomMixin:
    """A view behind a role: without `permission` anywhere, 403."""

    permission: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        access.require(request.user, self.permission)  # type: ignore[arg-type]  # login is required before
        return super().dispatch(request, *args, **kwargs)


def visible_or_404(request: HttpRequest, model: type[models.Model], **lookup: Any) -> Any:
    """The one record that the user may know of, else 404."""
    visible = model.objects.visible_to(request.user)  # type: ignore[attr-defined]  # of every record
    return found_or_404(request, model, visible.filter(**lookup).first())


def found_or_404(request: HttpRequest, model: type[models.Model], found: Any) -> Any:
    """The same, of what was asked for as visible to the user, and is None if it is not.

    A refusal is logged without saying what was asked for.
    """
    request.asked_of = model  # type: ignore[attr-defined]  # for the log, should the page be refused
    if found is None:
        audit.refused(model, by=request.user)  # type: ignore[arg-type]  # signed in
        raise Http404
    return found


def add_errors(form: Any, error: ValidationError) -> None:
    """An action's refusal, shown where the form shows its own."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)


def add_errors_of(error: ValidationError, form: Any) -> None:
    """An action's refusal on a form of changes. Where somebody else was quicker, saving again is over what is
    there now, knowingly: the form says so.
    """
    add_errors(form, error)
    if isinstance(error, Stale):
        form.data = form.data.copy()
        form.data["revision"] = error.stored.revision


def say_errors(request: HttpRequest, error: ValidationError) -> None:
    """An action's refusal where there is no form to show it in: as messages."""
    for text in error.messages:
        messages.error(request, text)


class FormStep(View):
    """One form over one visible record. `act` does the one thing and says where to go on."""

    template_name: ClassVar[str]
    form_class: ClassVar[Any]
    submit: ClassVar[str | Promise]
    done: ClassVar[str | Promise] = ""
    danger: ClassVar[bool] = False
    verb: ClassVar[str] = ""
    model: type[models.Model] | None = None

    def fetch(self) -> Any:
        """The record of the address, else 404. Raises PermissionDenied if the step is not for this user."""
        return visible_or_404(self.request, self.model, pk=self.kwargs["pk"]) if self.model else None

    @cached_property
    def record(self) -> Any:
        return self.fetch()

    def form(self, record: Any, data: Any = None) -> Any:
        return self.form_class(data)

    def act(self, record: Any, form: Any) -> str:
        raise NotImplementedError

    def back(self, record: Any) -> str:
        raise NotImplementedError

    def shown(self, record: Any) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.verb and not self.record.may(request.user, self.verb):
            return self.too_late(IllegalTransition(self.verb, self.record.get_status_display()))
        return self.page(self.record, self.form(self.record))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.record
        form = self.form(record, request.POST)
        if not form.is_valid():
            return self.page(record, form)
        try:
            going_to = self.act(record, form)
        except IllegalTransition as error:
            return self.too_late(error)
        except ValidationError as error:
            add_errors(form, error)
            return self.page(record, form)
        if self.done:
            messages.success(request, str(self.done))
        return HttpResponseRedirect(going_to)

    def too_late(self, error: IllegalTransition) -> HttpResponse:
        """Somebody took the step before, or the same person clicked twice."""
        messages.info(self.request, " ".join(error.messages))
        return HttpResponseRedirect(self.back(self.record))

    def page(self, record: Any, form: Any) -> HttpResponse:
        context = {
            "form": form,
            "submit": self.submit,
            "danger": self.danger,
            "cancel_url": self.back(record),
            "record": record,
        }
        return render(self.request, self.template_name, context | self.shown(record))


class Home(TemplateView):
    template_name = "victimcare/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        panels = navigation.panels_for(self.request.user)  # type: ignore[arg-type]  # login is required before
        return super().get_context_data(panels=panels, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class Healthz(View):
    """200 when the database answers, knows this product's signature and holds nobody who was erased; says
    nothing else. With another SECRET_KEY than at the last `migrate` everybody would see nothing.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        with acting.as_job("health"), connection.cursor() as cursor:
            cursor.execute("SELECT app.job()")
            known = cursor.fetchone()[0] == "health"
        ready = known and not erasure_ledger.brought_back()
        return HttpResponse("ok" if ready else "no", status=200 if ready else 503, content_type="text/plain")


def forgets(response: HttpResponse) -> HttpResponse:
    """The browser keeps nothing of what was seen here: the next at this machine may be anybody."""
    response["Clear-Site-Data"] = CLEAR_SITE_DATA
    return response


class SignOut(LogoutView):
    """After a question, by a button."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return forgets(super().post(*args, **kwargs))


@method_decorator(login_not_required, name="dispatch")
class Leave(View):
    """Quick exit: sign out and be on a page that anybody may have open.

    A link, so that it works without JavaScript.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        return forgets(HttpResponseRedirect(settings.QUICK_EXIT_URL))


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
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                samesite="Lax",
                httponly=True,
            )
        return response
