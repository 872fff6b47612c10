"""What a case tells: others in it, what happened, what is used, what was noted, its kinds."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cases import actions, record_sections
from cases.access import may_counsel
from cases.forms.record import (
    ChangeIncidentForm,
    ChangePartyForm,
    ChangeSubstanceForm,
    EndEnrolmentForm,
    EnrolForm,
    NewIncidentForm,
    NewPartyForm,
    NewSubstanceForm,
    NoteForm,
)
from cases.models import Enrolment, Incident, Note, Party, SubstanceUse
from cases.views.base import CaseView
from cases.views.pages import AGAIN, ChangePage, ChildView, FormPage, RetirePage
from victimcare import audit
from victimcare.models.logs import Action


class PartyAdd(FormPage):
    template_name = "cases/party_form.html"

    def form(self, data: Any = None) -> NewPartyForm:
        return NewPartyForm(data)

    def act(self, form: NewPartyForm) -> Any:
        _party, new = actions.add_party(self.case, form.record(), by=self.me)
        return _("Added to the case.") if new else AGAIN


class PartyEdit(ChangePage):
    template_name = "cases/party_form.html"
    model = Party
    url_kwarg = "party_pk"
    form_class = ChangePartyForm
    change = actions.change_party
    retire_url_name = "cases:party_retire"


class PartyRetire(RetirePage):
    model = Party
    url_kwarg = "party_pk"
    retire = actions.retire

    def what(self) -> Any:
        return record_sections.party_row(self.child)["name"]


class IncidentAdd(FormPage):
    template_name = "cases/incident_form.html"

    def form(self, data: Any = None) -> NewIncidentForm:
        return NewIncidentForm(data, case=self.case)

    def act(self, form: NewIncidentForm) -> Any:
        _incident, new = actions.add_incident(self.case, form.record(), by=self.me)
        return _("Added to the case.") if new else AGAIN


class IncidentEdit(ChangePage):
    template_name = "cases/incident_form.html"
    model = Incident
    url_kwarg = "incident_pk"
    form_class = ChangeIncidentForm
    change = actions.change_incident
    retire_url_name = "cases:incident_retire"

    def form(self, data: Any = None, **kwargs: Any) -> ChangeIncidentForm:
        found: ChangeIncidentForm = super().form(data, case=self.case, **kwargs)
        return found


class IncidentRetire(RetirePage):
    model = Incident
    url_kwarg = "incident_pk"
    retire = actions.retire

    def what(self) -> Any:
        return record_sections.incident_row(self.child)["title"]


class SubstanceAdd(FormPage):
    template_name = "cases/substance_form.html"

    def form(self, data: Any = None) -> NewSubstanceForm:
        return NewSubstanceForm(data)

    def act(self, form: NewSubstanceForm) -> Any:
        _use, new = actions.add_substance(self.case, form.record(), by=self.me)
        return _("Added to the case.") if new else AGAIN


class SubstanceEdit(ChangePage):
    template_name = "cases/substance_form.html"
    model = SubstanceUse
    url_kwarg = "substance_pk"
    form_class = ChangeSubstanceForm
    change = actions.change_substance
    retire_url_name = "cases:substance_retire"


class SubstanceRetire(RetirePage):
    model = SubstanceUse
    url_kwarg = "substance_pk"
    retire = actions.retire

    def what(self) -> Any:
        return record_sections.substance_row(self.child)["title"]


class Notes(CaseView):
    """All notes of the case, newest first, a page at a time."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        shown = record_sections.notes_page(self.case, self.me, request)
        audit.record_many(Action.LIST, shown["notes"], by=self.me)
        return render(request, "cases/notes.html", {"case": self.case, "shown": shown})


class NoteAdd(FormPage):
    template_name = "cases/note_form.html"
    submit = _("Save the note")

    @property
    def corrected(self) -> Note | None:
        return None

    @cached_property
    def counsels(self) -> bool:
        return may_counsel(self.me, self.case)

    def form(self, data: Any = None, **kwargs: Any) -> NoteForm:
        return NoteForm(data, counsels=self.counsels, **kwargs)

    def context(self) -> dict[str, Any]:
        return {"counsels": self.counsels}

    def act(self, form: NoteForm) -> Any:
        words = form.cleaned_data["text"]
        _note, new = actions.add_note(self.case, form.record(), words, by=self.me, corrects=self.corrected)
        return _("Note saved.") if new else AGAIN


class NoteCorrect(ChildView, NoteAdd):
    """A note is never changed: this page shows it, and takes another one that corrects it."""

    model = Note
    url_kwarg = "note_pk"

    @property
    def corrected(self) -> Note:
        found: Note = self.child
        return found

    def form(self, data: Any = None, **kwargs: Any) -> NoteForm:
        return super().form(data, initial={"kind": self.corrected.kind}, **kwargs)

    def log(self) -> None:
        audit.record(Action.READ, self.corrected, by=self.me)

    def context(self) -> dict[str, Any]:
        return super().context() | {"corrected": record_sections.note_row(self.corrected)}


class Enrol(FormPage):
    template_name = "cases/enrol.html"

    def form(self, data: Any = None) -> EnrolForm:
        return EnrolForm(data)

    def act(self, form: EnrolForm) -> Any:
        _enrolment, new = actions.enrol(self.case, form.record(), by=self.me)
        return _("Added to the case.") if new else AGAIN


class EnrolmentEnd(ChildView, FormPage):
    template_name = "cases/enrolment_end.html"
    submit = _("End it")
    model = Enrolment
    url_kwarg = "enrolment_pk"

    def form(self, data: Any = None) -> EndEnrolmentForm:
        return EndEnrolmentForm(data)

    def act(self, form: EndEnrolmentForm) -> Any:
        actions.end_enrolment(self.child, by=self.me, ended_on=form.cleaned_data["ended_on"])
        return _("Saved.")

    def log(self) -> None:
        audit.record(Action.READ, self.child, by=self.me)

    def context(self) -> dict[str, Any]:
        return {"enrolment": self.child}
