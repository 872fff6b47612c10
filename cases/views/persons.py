"""Correcting what is known of a person, and how to reach them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from cases import actions
from cases.forms.persons import ContactAddForm, ContactEditForm, PersonEditForm
from cases.models import ContactPoint
from cases.views.base import CaseView, add_errors_of
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.views import add_errors, visible_or_404


class PersonEdit(CaseView):
    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self.show(PersonEditForm(person=self.case.person))

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        form = PersonEditForm(request.POST, person=self.case.person)
        if not form.is_valid():
            return self.show(form)
        try:
            actions.change_person(
                self.case, by=self.me, revision=form.cleaned_data["revision"], **form.person_values()
            )
        except ValidationError as error:
            add_errors_of(error, form, self.case.person, self.me)
            return self.show(form)
        messages.success(request, _("Saved."))
        return redirect(self.case_url)

    def show(self, form: PersonEditForm) -> HttpResponse:
        audit.record(Action.READ, self.case.person, by=self.me)
        context = {"form": form, "submit": _("Save"), "cancel_url": self.case_url}
        return render(self.request, "cases/person_form.html", context)


class ContactAdd(CaseView):
    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return self.show(ContactAddForm())

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        form = ContactAddForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        contact = ContactPoint(id=form.cleaned_data["record_id"], **form.contact_values())
        try:
            actions.add_contact(self.case, contact, by=self.me)
        except ValidationError as error:
            add_errors(form, error)
            return self.show(form)
        messages.success(request, _("Contact added."))
        return redirect(self.case_url)

    def show(self, form: ContactAddForm) -> HttpResponse:
        context = {"form": form, "submit": _("Add contact"), "cancel_url": self.case_url}
        return render(self.request, "cases/contact_form.html", context)


class ContactView(CaseView):
    """A page of one contact of the case's person."""

    def contact(self) -> ContactPoint:
        found: ContactPoint = visible_or_404(
            self.request, ContactPoint, pk=self.kwargs["contact_pk"], person=self.case.person_id
        )
        return found


class ContactEdit(ContactView):
    def get(self, request: HttpRequest, pk: Any, contact_pk: Any) -> HttpResponse:
        contact = self.contact()
        return self.show(ContactEditForm(contact=contact), contact)

    def post(self, request: HttpRequest, pk: Any, contact_pk: Any) -> HttpResponse:
        contact = self.contact()
        form = ContactEditForm(request.POST, contact=contact)
        if not form.is_valid():
            return self.show(form, contact)
        try:
            actions.change_contact(
                contact, by=self.me, revision=form.cleaned_data["revision"], **form.contact_values()
            )
        except ValidationError as error:
            add_errors_of(error, form, contact, self.me)
            return self.show(form, contact)
        messages.success(request, _("Saved."))
        return redirect(self.case_url)

    def show(self, form: ContactEditForm, contact: ContactPoint) -> HttpResponse:
        audit.record(Action.READ, contact, by=self.me)
        context = {"form": form, "submit": _("Save"), "cancel_url": self.case_url, "case": self.case}
        return render(self.request, "cases/contact_form.html", context | {"contact": contact})


class ContactRetire(ContactView):
    def post(self, request: HttpRequest, pk: Any, contact_pk: Any) -> HttpResponse:
        actions.retire_contact(self.contact(), by=self.me)
        messages.success(request, _("This contact is not used any more."))
        return redirect(self.case_url)
