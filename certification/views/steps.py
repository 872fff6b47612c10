"""What pages with one form share here: show it, check it, do one thing, say so, go on."""

from typing import Any, ClassVar, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise, cached_property
from django.views import View

from victimcare.models import User
from victimcare.views import add_errors, visible_or_404
from victimcare.workflow import IllegalTransition


def signed_in(request: HttpRequest) -> User:
    """Who asks. Nobody else gets here: every page of this app asks for a login."""
    return cast(User, request.user)


class FormStep(View):
    """One form over one visible record. `act` does the one thing and says where to go on."""

    template_name: ClassVar[str]
    form_class: ClassVar[Any]
    submit: ClassVar[str | Promise]
    done: ClassVar[str | Promise] = ""
    danger: ClassVar[bool] = False
    verb: ClassVar[str] = ""
    model: type[Model] | None = None

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
