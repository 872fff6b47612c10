"""Consent: read aloud, recorded, withdrawn."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from cases import actions, consent_texts, record_sections
from cases.forms.consents import ConsentForm, language_for
from cases.models import Consent
from cases.views.base import CaseView
from cases.views.pages import AGAIN, FormPage
from victimcare import audit
from victimcare.kinds import DataKind
from victimcare.models.logs import Action
from victimcare.views import say_errors, visible_or_404


class ConsentAdd(FormPage):
    template_name = "cases/consent_form.html"
    submit = _("Record the consent")

    def form(self, data: Any = None) -> ConsentForm:
        """`recipient` in the address chooses beforehand who may receive it."""
        recipient = self.request.GET.get("recipient", "")
        return ConsentForm(data, case=self.case, user=self.me, recipient=recipient)

    def done_url(self) -> str:
        """Back to the page that needed the consent, if it sent us here."""
        back = self.request.GET.get("next", "")
        own = url_has_allowed_host_and_scheme(back, allowed_hosts={self.request.get_host()})
        return back if own else self.case_url

    def act(self, form: ConsentForm) -> Any:
        _consent, new = actions.record_consent(self.case, form.record(), by=self.me)
        return _("Consent recorded.") if new else AGAIN

    def log(self) -> None:
        """The texts begin with the person's language."""
        audit.record(Action.READ, self.case, by=self.me, kinds={DataKind.IDENTITY})

    def context(self) -> dict[str, Any]:
        """The words to be read aloud: in the person's language first, the others folded below."""
        first = language_for(self.case)
        return {"texts": sorted(consent_texts.newest(), key=lambda text: text.language != first)}


class ConsentWithdraw(CaseView):
    """What was agreed, and one button that ends it."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        consent = self.consent()
        audit.record(Action.READ, consent, by=self.me)
        context = {
            "consent": consent,
            "facts": record_sections.consent_facts(consent),
            "text": consent_texts.find(consent.text_version, consent.language),
            "submit": _("Withdraw the consent"),
            "danger": True,
            "cancel_url": self.case_url,
        }
        return render(request, "cases/consent_withdraw.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            actions.withdraw_consent(self.consent(), by=self.me)
        except ValidationError as error:
            say_errors(request, error)
        else:
            messages.success(request, _("Consent withdrawn. Access under it is closed."))
        return redirect(self.case_url)

    def consent(self) -> Consent:
        found: Consent = visible_or_404(self.request, Consent, pk=self.kwargs["consent_pk"], case=self.case)
        return found
