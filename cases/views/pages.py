"""Pages of a case that are one form: for something new, and for a change."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from cases import actions
from cases.forms.compared import compared
from cases.views.base import CaseView
from victimcare import audit
from victimcare.models.base import PersonalRecord
from victimcare.models.logs import Action
from victimcare.records import Stale
from victimcare.views import add_errors, say_errors, visible_or_404

AGAIN = _("This was saved already.")


class FormPage(CaseView):
    """A page that is one form, for one action: show, validate, act, say, back to the case.

    Each time it is shown, the log says so: of the case, unless the page says of what, and with which kinds
    of data.
    """

    template_name: ClassVar[str]
    submit: ClassVar[Promise] = _("Save")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            said = self.act(form)
        except ValidationError as error:
            return self.show(self.refused(form, error))
        messages.success(request, said)
        return redirect(self.done_url())

    def done_url(self) -> str:
        return self.case_url

    def form(self, data: Any = None) -> Any:
        raise NotImplementedError

    def act(self, form: Any) -> Any:
        """Do the one action; returns what to say."""
        raise NotImplementedError

    def refused(self, form: Any, error: ValidationError) -> Any:
        """The form to show, with what the action said."""
        add_errors(form, error)
        return form

    def context(self) -> dict[str, Any]:
        return {}

    def log(self) -> None:
        audit.record(Action.READ, self.case, by=self.me, kinds=())

    def show(self, form: BaseForm) -> HttpResponse:
        self.log()
        shared = {"form": form, "submit": self.submit, "cancel_url": self.case_url, "case": self.case}
        return render(self.request, self.template_name, shared | self.context())


class ChildView(CaseView):
    """A page of one record of the case, found through the case: never by its id alone."""

    model: ClassVar[type[PersonalRecord]]
    url_kwarg: ClassVar[str]

    @cached_property
    def child(self) -> Any:
        return visible_or_404(self.request, self.model, **self.lookup())

    def lookup(self) -> dict[str, Any]:
        return {"pk": self.kwargs[self.url_kwarg], "case": self.case_id}


class RetirePage(ChildView):
    """Asks before a record is taken away. What was taken away already (a second click) is said in words."""

    retire: ClassVar[Callable[..., Any]]
    said: ClassVar[Any] = _("Taken away.")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.gone() or self.ask()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if gone := self.gone():
            return gone
        try:
            type(self).retire(self.child, by=self.me)
        except ValidationError as error:
            say_errors(request, error)
        else:
            messages.success(request, self.said)
        return redirect(self.case_url)

    def gone(self) -> HttpResponse | None:
        if not actions.was_retired(self.model, **self.lookup()):
            return None
        messages.info(self.request, _("This was taken away already."))
        return redirect(self.case_url)

    def ask(self) -> HttpResponse:
        audit.record(Action.READ, self.child, by=self.me)
        shared = {"submit": _("Take it away"), "danger": True, "cancel_url": self.case_url}
        return render(self.request, "cases/retire.html", shared | {"what": self.what()})

    def what(self) -> str | Promise:
        """In a few words, what would be taken away."""
        raise NotImplementedError


class ChangePage(ChildView, FormPage):
    """A form over one record of the case, with the revision that the user saw."""

    form_class: ClassVar[Callable[..., Any]]
    change: ClassVar[Callable[..., Any]]
    # The page that takes it away, at the same values as this one.
    retire_url_name: ClassVar[str]

    def form(self, data: Any = None, **kwargs: Any) -> Any:
        return type(self).form_class(data, instance=self.child, **kwargs)

    def act(self, form: Any) -> Any:
        type(self).change(self.child, by=self.me, revision=form.cleaned_data["revision"], **form.values())
        return _("Saved.")

    def refused(self, form: Any, error: ValidationError) -> Any:
        if not isinstance(error, Stale):
            return super().refused(form, error)
        self.child = error.stored
        return compared(form, error, self.form)

    def context(self) -> dict[str, Any]:
        return {"retire_url": reverse(self.retire_url_name, kwargs=self.kwargs)}

    def log(self) -> None:
        audit.record(Action.READ, self.child, by=self.me)
