"""Conflicts of interest of a case: declared, recorded, lifted."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import actions
from cases.access import LOCK, allows
from cases.forms.ties import TieForm, TieLiftForm, TiePlaceForm, TieRecordForm
from cases.models import Tie
from cases.views.base import CaseView
from cases.views.pages import ChildView, FormPage
from victimcare import audit
from victimcare.models.logs import Action


class Ties(CaseView):
    """To everybody who sees the case, and so to nobody who is tied."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = Tie.objects.visible_in(self.case, self.me).select_related("user", "place", "lifted_by")
        ties = list(found.order_by("created_at", "pk"))
        audit.record(Action.READ, self.case, by=self.me, kinds=audit.kinds_of(Tie) if ties else ())
        context = {
            "case": self.case,
            "ties": ties,
            "may_lock": allows(self.me, LOCK, self.case),
            "case_url": self.case_url,
        }
        return render(request, "cases/ties.html", context)


class TiePage(FormPage):
    template_name = "cases/tie_form.html"
    heading: ClassVar[Promise]
    explained: ClassVar[Promise]

    def context(self) -> dict[str, Any]:
        return {"heading": self.heading, "explained": self.explained}

    def done_url(self) -> str:
        return reverse("cases:ties", args=[self.case_id])


class TieDeclare(TiePage):
    submit = _("Lock the case to me")
    heading = _("I am tied to somebody in this case")
    explained = _(
        "The case is locked to you at once: you see it nowhere any more, and your work on it ends. "
        "A supervisor is told, and gives it to somebody else."
    )

    def form(self, data: Any = None) -> TieForm:
        return TieForm(data)

    def act(self, form: TieForm) -> Any:
        actions.declare_tie(self.case, by=self.me, **form.values())
        return _("The case is locked to you.")

    def done_url(self) -> str:
        return reverse("cases:caseload")


class TieRecord(TiePage):
    permission = LOCK
    submit = _("Lock the case to them")
    heading = _("Somebody who works here is tied")
    explained = _("The case is locked to them at once, and their work on it ends. They are told nothing.")

    def form(self, data: Any = None) -> TieRecordForm:
        return TieRecordForm(data, case=self.case, by=self.me)

    def act(self, form: TieRecordForm) -> Any:
        actions.record_tie(self.case, form.chosen(), by=self.me, **form.values())
        return _("The case is locked to them.")


class TiePlace(TiePage):
    permission = LOCK
    submit = _("Send nothing there")
    heading = _("The alleged perpetrator is at a provider")
    explained = _(
        "Nothing of this person is sent to that provider, and what was sent is closed to it. "
        "It is told nothing."
    )

    def form(self, data: Any = None) -> TiePlaceForm:
        return TiePlaceForm(data, by=self.me)

    def act(self, form: TiePlaceForm) -> Any:
        actions.record_place_tie(self.case, form.cleaned_data["place"], by=self.me, **form.values())
        return _("Nothing is sent there.")


class TieLift(ChildView, TiePage):
    permission = LOCK
    model = Tie
    url_kwarg = "tie_pk"
    submit = _("Lift it")
    heading = _("Lift this conflict of interest")
    explained = _("What it locked is open again to whom it would be. It stays in the record.")

    def form(self, data: Any = None) -> TieLiftForm:
        return TieLiftForm(data)

    def act(self, form: TieLiftForm) -> Any:
        actions.lift_tie(self.child, by=self.me, words=form.cleaned_data["lift_words"])
        return _("The conflict of interest is lifted.")

    def log(self) -> None:
        audit.record(Action.READ, self.child, by=self.me)
