"""Correcting what is known of a person, and how to reach them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from cases import actions
from cases.forms.persons import ContactAddForm, ContactEditForm, PersonEditForm
from cases.models import ContactPoint, Person
from cases.views.case import background
from cases.views.pages import AGAIN, ChangePage, ChildView, FormPage


class PersonEdit(ChangePage):
    template_name = "cases/person_form.html"
    model = Person
    form_class = PersonEditForm

    def lookup(self) -> dict[str, Any]:
        return {"pk": self.case.person_id}

    def context(self) -> dict[str, Any]:
        return {"background": background(self.child)}

    def act(self, form: PersonEditForm) -> Any:
        actions.change_person(self.case, by=self.me, revision=form.cleaned_data["revision"], **form.values())
        return _("Saved.")


class ContactAdd(FormPage):
    template_name = "cases/contact_form.html"
    submit = _("Add contact")

    def form(self, data: Any = None) -> ContactAddForm:
        return ContactAddForm(data)

    def act(self, form: ContactAddForm) -> Any:
        _contact, new = actions.add_contact(self.case, form.record(), by=self.me)
        return _("Contact added.") if new else AGAIN


class ContactView(ChildView):
    """A page of one contact of the case's person."""

    model = ContactPoint
    url_kwarg = "contact_pk"

    def lookup(self) -> dict[str, Any]:
        return {"pk": self.kwargs[self.url_kwarg], "person": self.case.person_id}


class ContactEdit(ContactView, ChangePage):
    template_name = "cases/contact_form.html"
    form_class = ContactEditForm
    change = actions.change_contact

    def context(self) -> dict[str, Any]:
        return {"contact": self.child}


class ContactRetire(ContactView):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actions.retire_contact(self.child, by=self.me)
        messages.success(request, _("This contact is not used any more."))
        return redirect(self.case_url)
