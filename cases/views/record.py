"""What a case tells: others in it, what happened, what is used, what was noted, its kinds."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import actions, record_sections
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
from cases.models.cases import CaseChild
from cases.views.base import CaseView, add_errors_of
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.views import add_errors, visible_or_404

AGAIN = _("This was saved already.")


class FormPage(CaseView):
    """A page that is one form, for one action: show, validate, act, say, back to the case."""

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
            self.refused(form, error)
            return self.show(form)
        messages.success(request, said)
        return redirect(self.done_url())

    def done_url(self) -> str:
        return self.case_url

    def form(self, data: Any = None) -> Any:
        raise NotImplementedError

    def act(self, form: Any) -> Any:
        """Do the one action; returns what to say."""
        raise NotImplementedError

    def refused(self, form: Any, error: ValidationError) -> None:
        add_errors(form, error)

    def context(self) -> dict[str, Any]:
        return {}

    def show(self, form: BaseForm) -> HttpResponse:
        shared = {"form": form, "submit": self.submit, "cancel_url": self.case_url, "case": self.case}
        return render(self.request, self.template_name, shared | self.context())


class ChangePage(FormPage):
    """A form over one record of the case, found through the case: never by its id alone."""

    model: ClassVar[type[CaseChild]]
    url_kwarg: ClassVar[str]

    def child(self) -> Any:
        return visible_or_404(self.request, self.model, pk=self.kwargs[self.url_kwarg], case=self.case)

    def refused(self, form: Any, error: ValidationError) -> None:
        add_errors_of(error, form, self.child(), self.me)

    def show(self, form: BaseForm) -> HttpResponse:
        audit.record(Action.READ, self.child(), by=self.me)
        return super().show(form)


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

    def form(self, data: Any = None) -> ChangePartyForm:
        return ChangePartyForm(data, instance=self.child())

    def act(self, form: ChangePartyForm) -> Any:
        revision = form.cleaned_data["revision"]
        actions.change_party(self.child(), by=self.me, revision=revision, **form.values())
        return _("Saved.")


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

    def form(self, data: Any = None) -> ChangeIncidentForm:
        return ChangeIncidentForm(data, instance=self.child(), case=self.case)

    def act(self, form: ChangeIncidentForm) -> Any:
        revision = form.cleaned_data["revision"]
        actions.change_incident(self.child(), by=self.me, revision=revision, **form.values())
        return _("Saved.")


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

    def form(self, data: Any = None) -> ChangeSubstanceForm:
        return ChangeSubstanceForm(data, instance=self.child())

    def act(self, form: ChangeSubstanceForm) -> Any:
        revision = form.cleaned_data["revision"]
        actions.change_substance(self.child(), by=self.me, revision=revision, **form.values())
        return _("Saved.")


class Notes(CaseView):
    """All notes of the case, newest first, a page at a time."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        shown = record_sections.notes_page(self.case, self.me, request)
        kinds = record_sections.NOTE_KINDS
        # A line about the case, not about notes in general: the person may ask who read them.
        audit.record(Action.READ, self.case, by=self.me, kinds=kinds, rows=len(shown["rows"]))
        return render(request, "cases/notes.html", {"case": self.case, "shown": shown})


class NoteAdd(FormPage):
    template_name = "cases/note_form.html"
    submit = _("Save the note")

    def form(self, data: Any = None) -> NoteForm:
        return NoteForm(data)

    def act(self, form: NoteForm) -> Any:
        words = form.cleaned_data["text"]
        _note, new = actions.add_note(self.case, form.record(), words, by=self.me, corrects=self.corrects())
        return _("Note saved.") if new else AGAIN

    def corrects(self) -> Note | None:
        return None


class NoteCorrect(NoteAdd):
    """A note is never changed: this page shows it, and takes another one that corrects it."""

    def form(self, data: Any = None) -> NoteForm:
        return NoteForm(data, initial={"kind": self.corrects().kind})

    def corrects(self) -> Note:
        found: Note = visible_or_404(self.request, Note, pk=self.kwargs["note_pk"], case=self.case)
        return found

    def context(self) -> dict[str, Any]:
        note = self.corrects()
        audit.record(Action.READ, note, by=self.me, kinds=record_sections.note_kinds(note))
        return {"corrected": record_sections.note_row(note)}


class Enrol(FormPage):
    template_name = "cases/enrol.html"

    def form(self, data: Any = None) -> EnrolForm:
        return EnrolForm(data)

    def act(self, form: EnrolForm) -> Any:
        _enrolment, new = actions.enrol(self.case, form.record(), by=self.me)
        return _("Added to the case.") if new else AGAIN


class EnrolmentEnd(FormPage):
    template_name = "cases/enrolment_end.html"
    submit = _("End it")

    def enrolment(self) -> Enrolment:
        found: Enrolment = visible_or_404(
            self.request, Enrolment, pk=self.kwargs["enrolment_pk"], case=self.case
        )
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.enrolment()
        return super().get(request, **kwargs)

    def form(self, data: Any = None) -> EndEnrolmentForm:
        return EndEnrolmentForm(data)

    def act(self, form: EndEnrolmentForm) -> Any:
        actions.end_enrolment(self.enrolment(), by=self.me, ended_on=form.cleaned_data["ended_on"])
        return _("Saved.")

    def context(self) -> dict[str, Any]:
        return {"enrolment": self.enrolment()}
