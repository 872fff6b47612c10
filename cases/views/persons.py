"""Correcting what is known of a person, and how to reach them."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cases import actions
from cases.forms.persons import ContactAddForm, ContactEditForm, PersonEditForm
from cases.models import ContactPoint, Person
from cases.views.case import background
from cases.views.pages import AGAIN, ChangePage, ChildView, FormPage, RetirePage
from victimcare import codelists


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

    retire_url_name = "cases:contact_retire"

    def context(self) -> dict[str, Any]:
        return super().context() | {"contact": self.child}


class ContactRetire(ContactView, RetirePage):
    retire = actions.retire_contact
    said = _("This contact is not used any more.")

    def what(self) -> str:
        """Its kind only: a number is never shown apart from what is safe about it."""
        return capfirst(codelists.get("contact-kind").label(self.child.contact_kind))
