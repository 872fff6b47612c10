"""The referral's page for both sides, and the packet's."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from referrals import packet_page, packets, reads, story
from referrals.access import kinds_shown
from referrals.codes import label, reason_of, status_of, urgency_of
from referrals.lapses import lapsed_of
from referrals.models import Packet, Referral
from referrals.views.base import ReferralView
from victimcare import access, audit
from victimcare.kinds import DataKind
from victimcare.models.logs import Action
from victimcare.views import visible_or_404
from victimcare.words import moment_words

AGAIN = frozenset({Referral.Status.DECLINED, Referral.Status.EXPIRED, Referral.Status.NOT_COMPLETED})


class ReferralPage(ReferralView):
    """Where it stands. The sender sees the answer and the outcome; the receiver sees its steps and the
    packet.
    """

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        referral = self.referral
        audit.record(Action.READ, referral, by=self.me, kinds=self.kinds_shown())
        # What follows from another step has no button.
        asked = (verb for verb, rule in Referral.TRANSITIONS.items() if rule.permission)
        may = {
            verb: (self.sees_case or verb in Referral.RECEIVERS_VERBS) and referral.may(self.me, verb)
            for verb in asked
        }
        context: dict[str, Any] = {
            "referral": referral,
            "status": status_of(referral),
            "urgency": urgency_of(referral),
            "service": referral.service_at_location.service.name,
            "reason": reason_of(referral),
            "answer": self.answer(),
            "outcome": label("referral-outcome", referral.outcome),
            "entries": story.steps_shown(referral, sees_case=self.sees_case),
            "may": may,
            "has_steps": any(may.values()),
            "case_url": self.url_of(referral.case_id),
            "received_case_url": self.url_of(referral.received_case_id),
            "is_receiver": access.can(self.me, "referrals.answer", referral.receiver_id),
        }
        context |= self.senders_part() if context["case_url"] else self.receivers_part()
        return render(request, "referrals/referral.html", context)

    def kinds_shown(self) -> set[DataKind]:
        """Words about the person: the answer for both sides, what is asked for on the sender's."""
        if self.referral.erased_at:
            return set()
        has_words = self.referral.answer or (self.sees_case and self.referral.request)
        return {DataKind.RISK} if has_words else set()

    def answer(self) -> str:
        """What was answered in words lay under the key of the person who was erased."""
        return _("Erased with the person.") if self.referral.erased_at else self.referral.answer

    def url_of(self, case_id: Any) -> str:
        """The case's address for those who see the case; nothing for the other side."""
        return reverse("cases:case", args=[case_id]) if case_id in self.cases_seen else ""

    def senders_part(self) -> dict[str, Any]:
        referral = self.referral
        consent = referral.consent
        candidates = reverse("referrals:candidates", args=[referral.case_id])
        again = urlencode({"service_kind": referral.service_at_location.service.kind})
        is_draft = referral.status == Referral.Status.DRAFT
        kinds = packets.travelling(referral, consent, self.me)
        if is_draft:
            audit.record(Action.READ, referral.case, by=self.me, kinds=kinds)
        lapsed = referral.pk in lapsed_of([referral])
        return {
            "lapsed": lapsed,
            "facts": [*_facts(referral), (_("What is asked for"), referral.request or _("nothing written"))],
            "request_stays_here": is_draft and referral.request and not packets.covers_request(consent),
            "counselling_stays_here": is_draft and DataKind.COUNSELLING in set(consent.kinds) - set(kinds),
            "preview": packet_page.shown(packets.build(referral, kinds)) if is_draft else None,
            "consent_holds": consent.in_force_on(timezone.localdate()),
            "ask_again": referral.status in AGAIN or lapsed,
            "candidates_url": f"{candidates}?{again}",
        }

    def receivers_part(self) -> dict[str, Any]:
        referral = self.referral
        packet = reads.receives_packet(referral, self.me)
        answers = access.can(self.me, "referrals.answer", referral.receiver_id)
        return {
            "facts": [*_facts(referral), (_("Own case"), _own_case(referral))],
            "packet_url": reverse("referrals:packet", args=[referral.pk]) if packet else "",
            "packet_closed": answers and not packet,
            "may_open_case": packet
            and answers
            and referral.receiver.is_agency
            and referral.received_case_id is None
            and referral.status in Referral.TAKEN_OVER,
        }


class PacketPage(ReferralView):
    """What was shared, by kind of data. Only while the consent holds, else 404."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        packet = visible_or_404(request, Packet, referral=self.referral)
        kinds = kinds_shown(self.me, packet)
        audit.record(Action.READ, packet, by=self.me, kinds=kinds)
        context = {
            "referral_url": self.url,
            "sender": self.referral.organization.name,
            "sections": packet_page.shown(packet.sections_of(kinds)),
            "kinds": packet_page.kinds_in_words(packet.kinds),
            "until": date_format(self.referral.consent.valid_until, "DATE_FORMAT"),
        }
        return render(request, "referrals/packet.html", context)


def _own_case(referral: Referral) -> str:
    """Only that there is one: the case is for those who work on it."""
    return _("opened") if referral.received_case_id else _("not opened yet")


def _facts(referral: Referral) -> list[tuple[str, Any]]:
    offer = referral.service_at_location
    facts = [
        (_("From"), referral.organization.name),
        (_("To"), referral.receiver.name),
        (_("Kind of service"), label("service-kind", offer.service.kind)),
        (_("Place"), offer.location.name),
        (_("May be shared"), packet_page.kinds_in_words(referral.consent.kinds)),
        (_("Consent until"), date_format(referral.consent.valid_until, "DATE_FORMAT")),
    ]
    if referral.answer_until and referral.status in Referral.WAITING:
        until = moment_words(referral.answer_until)
        facts.append((_("Answer awaited until"), until))
    return facts
