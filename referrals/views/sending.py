"""From a case to a draft: find a provider, say what is asked for, choose the consent."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cases import emergencies
from cases.models import Case, Consent
from referrals import actions, proposals, reads
from referrals.actions.sending import PURPOSE
from referrals.codes import label, labels
from referrals.forms import DraftForm, WishForm
from referrals.matching import Verdict
from referrals.models import ServiceAtLocation
from referrals.views.base import SignedInView
from victimcare import access, audit
from victimcare.addresses import address
from victimcare.kinds import DataKind
from victimcare.models.logs import Action
from victimcare.views import add_errors, found_or_404, say_errors, visible_or_404


class SendingView(SignedInView):
    """A page of one case that refers: visible to the user, else 404; without the role, 403."""

    case: Any  # with what `reads.case_seen` reads beside it

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.case = found_or_404(request, Case, reads.case_seen(kwargs["pk"], self.me))
        access.require(self.me, "referrals.send", self.case.organization_id)
        if self.case.in_emergency:
            emergencies.remember(request, emergencies.running_on(self.case.pk, self.me))
        return super().dispatch(request, *args, **kwargs)

    @property
    def is_closed(self) -> bool:
        return self.case.status == Case.Status.CLOSED

    @property
    def case_url(self) -> str:
        return reverse("cases:case", args=[self.case.pk])


class Candidates(SendingView):
    """Who could help: accredited today and suitable, each with its reasons; the others under a fold, with
    theirs.
    """

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        # The wishes begin with region and language of the person; the reasons tell of age and gender.
        audit.record(Action.READ, self.case, by=self.me, kinds={DataKind.IDENTITY})
        asked = "service_kind" in request.GET
        form = WishForm.of_case(self.case, request.GET if asked else None)
        context: dict[str, Any] = {
            "form": form,
            "case_url": self.case_url,
            "asked": False,
            "is_closed": self.is_closed,
        }
        if asked and form.is_valid():
            context |= self.found(proposals.Wish(**form.cleaned_data))
        return render(request, "referrals/candidates.html", context)

    def found(self, wish: proposals.Wish) -> dict[str, Any]:
        found = proposals.candidates(self.case, wish, by=self.me)
        return {
            "asked": True,
            "kind_label": label("service-kind", wish.service_kind),
            "included": [self.row(verdict) for verdict in found.included],
            "excluded": [self.row(verdict) for verdict in found.excluded],
            "more_suit": found.more_suit,
            "more_excluded": found.more_excluded,
        }

    def row(self, verdict: Verdict) -> dict[str, Any]:
        offer = verdict.offer
        return {
            "name": offer.service_name,
            "organization": offer.organization_name,
            "place": offer.location_name,
            "region": label("region", offer.location_region),
            "languages": labels("language", offer.languages),
            "reasons": [(reason.weight.value, reason.text) for reason in verdict.reasons],
            "against": [reason.text for reason in verdict.against],
            "may_draft": (verdict.included or verdict.may_wait) and not self.is_closed,
            "included": verdict.included,
            "draft_url": address("referrals:draft", self.case.pk, offer.pk),
            "service_url": address("referrals:service", offer.pk),
        }


class Draft(SendingView):
    """What is asked of one provider, and on which consent. Nothing leaves here: the next page shows what
    would.
    """

    offer: ServiceAtLocation

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.offer = visible_or_404(request, ServiceAtLocation, pk=kwargs["offer_pk"], retired_at=None)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: Any, offer_pk: Any) -> HttpResponse:
        try:
            actions.require_available(self.case, self.offer.service.organization, by=self.me)
        except ValidationError as error:
            say_errors(request, error)
            return redirect("referrals:candidates", pk=pk)
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: Any, offer_pk: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            draft, _new = actions.draft_referral(self.case, offer=self.offer, by=self.me, **form.values())
        except ValidationError as error:
            add_errors(form, error)
            return self.show(form)
        return redirect("referrals:referral", pk=draft.pk)

    def form(self, data: Any = None) -> DraftForm:
        return DraftForm(data, consents=self.consents(), initial={"urgency": self.case.urgency})

    def consents(self) -> Sequence[Consent]:
        receiver = self.offer.service.organization_id
        found = Consent.objects.visible_in(self.case, self.me)
        return list(found.covering(receiver, PURPOSE, timezone.localdate()).order_by("-valid_until", "pk"))

    def consent_url(self) -> str:
        """To record a consent for this receiver, and back here. An organisation's id says nothing of a
        person.
        """
        asked = {
            "recipient": self.offer.service.organization_id,
            "purpose": PURPOSE,
            "next": self.request.path,
        }
        return f"{reverse('cases:consent_add', args=[self.case.pk])}?{urlencode(asked)}"

    def show(self, form: DraftForm) -> HttpResponse:
        audit.record(Action.READ, self.case, by=self.me, kinds=())
        service = self.offer.service
        candidates = reverse("referrals:candidates", args=[self.case.pk])
        context = {
            "form": form,
            "organization": service.organization.name,
            "service": service.name,
            "place": self.offer.location.name,
            "has_consent": bool(form.consents),
            "consent_url": self.consent_url(),
            "cancel_url": f"{candidates}?{urlencode({'service_kind': service.kind})}",
        }
        return render(self.request, "referrals/draft.html", context)
