"""Opening a case."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from cases import actions
from cases.forms.intake import ContactFormSet, IntakeForm, contacts_of
from cases.models import Case
from cases.views.base import SignedInView
from victimcare.views import RoomMixin, add_errors

# What the search asked and the intake asks again: not typed twice.
FROM_SEARCH = ("given_names", "surnames", "birth", "identity_number")


class Intake(RoomMixin, SignedInView):
    """Empty, filled with what was searched for (posted, never in the address), or sent."""

    permission = "cases.open"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, self.form(), ContactFormSet(prefix="contacts"))

    def post(self, request: HttpRequest) -> HttpResponse:
        if "from_search" in request.POST:
            return self.show(request, self.form(initial=self.searched()), self.searched_contacts())
        form, contacts = self.form(request.POST), ContactFormSet(request.POST, prefix="contacts")
        if not (form.is_valid() and contacts.is_valid()):
            return self.show(request, form, contacts)
        try:
            case, new = self.open(form, contacts)
        except ValidationError as error:
            add_errors(form, error)
            return self.show(request, form, contacts)
        messages.success(request, _("Case opened.") if new else _("This case was opened already."))
        return redirect("cases:case", pk=case.pk)

    def open(self, form: IntakeForm, contacts: Any) -> tuple[Case, bool]:
        return actions.open_case(
            person=form.person(),
            case=form.case(),
            enrolments=form.cleaned_data["enrolments"],
            contacts=contacts_of(contacts),
            assign_to=form.chosen_worker(),
            counsels=form.worker_counsels(),
            by=self.me,
        )

    def form(self, data: Any = None, **kwargs: Any) -> IntakeForm:
        return IntakeForm(data, user=self.me, **kwargs)

    def searched(self) -> dict[str, str]:
        return {name: self.request.POST.get(name, "") for name in FROM_SEARCH}

    def searched_contacts(self) -> Any:
        reached_at = self.request.POST.get("reached_at", "")
        told = {"value": reached_at, "contact_kind": "email" if "@" in reached_at else "mobile"}
        return ContactFormSet(prefix="contacts", initial=[told] if reached_at else None)

    def show(self, request: HttpRequest, form: IntakeForm, contacts: Any) -> HttpResponse:
        return render(request, "cases/intake.html", {"form": form, "contacts": contacts})
