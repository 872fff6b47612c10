"""The referrals of the world: one in each state, each from a case of its own, to tell their words apart."""

from collections.abc import Callable, Iterator
from typing import Any

from cases.actions import withdraw_consent
from referrals import actions
from referrals.models import Packet, Referral, ServiceAtLocation
from tests.matrix.cases import CaseMaker, Thing, let_end
from victimcare import records, workflow
from victimcare.models import User

WAITING = frozenset({"sent", "received", "waitlisted"})
TAKEN = frozenset({"accepted", "in_progress"})
SHARED = ("identity", "contact", "incident", "risk")


class ReferralMaker:
    def __init__(
        self, maker: CaseMaker, offers: dict[str, ServiceAtLocation], people: dict[str, Any]
    ) -> None:
        self.maker, self.offers, self.people = maker, offers, people

    def all(self) -> Iterator[tuple[Thing, Thing]]:
        """(case, referral) of each state."""
        for name, steps in STATES.items():
            yield self._mine(name, steps)
        yield self.elsewhere("other", self.maker.places.other_agency_team, self.people["caseworker_other"])
        yield self.elsewhere("abroad", self.maker.places.team_br, self.people["caseworker_abroad"])

    def _mine(self, name: str, steps: "Steps") -> tuple[Thing, Thing]:
        case = self.maker.make(f"case.of_{name}", self.maker.places.team, self.people["caseworker"])
        draft = self._draft(name, case, self.offers["offer.shelter"], self.people["caseworker"])
        return self._told(name, case, steps(draft, self.people))

    def elsewhere(self, name: str, team: Any, worker: User) -> tuple[Thing, Thing]:
        """Sent by strangers to strangers: the clinic, or a provider abroad."""
        case = self.maker.make(f"case.{name}s_referral", team, worker)
        draft = self._draft(name, case, self.offers[f"offer.of_{name}"], worker)
        return self._told(name, case, actions.send_referral(draft, by=worker))

    def _draft(self, name: str, case: Thing, offer: ServiceAtLocation, by: User) -> Referral:
        consent = case.children["consent"]
        if consent.recipient_id != offer.service.organization_id:
            consent = records.change(consent, by=by, recipient=offer.service.organization)
            case.children["consent"] = consent
        request = self.maker.canaries.word(f"referral.{name}", "request")
        return actions.draft_referral(case.record, offer=offer, consent=consent, request=request, by=by)[0]

    def _told(self, name: str, case: Thing, referral: Referral) -> tuple[Thing, Thing]:
        """Its numbers, its marks, and what its packet tells of the case."""
        thing, canaries = f"referral.{name}", self.maker.canaries
        referral.answer = canaries.word(thing, "answer")
        referral.save()
        for text in (referral.number, referral.pk):
            canaries.add(text, thing, "number")
        if Packet.objects.filter(referral=referral).exists():
            for word in canaries.words_of(case.name, *SHARED):
                canaries.add(word, thing, "packet")
        if referral.status in WAITING and name != "retired":
            case.marks.add("unanswered")
        if name in {"consent_over", "consent_withdrawn"}:
            case.marks.add("unconsented")
        return case, Thing(thing, referral, marks=_marks(name, referral.status))


def _marks(name: str, status: str) -> set[str]:
    marks = {status}
    if status == "draft":
        marks |= {"unsent", "open"}
    if status in WAITING:
        marks |= {"waiting", "open"}
    if status in TAKEN:
        marks |= {"taken", "open"}
    if name in {"accepted", "in_progress", "completed"}:
        marks.add("openable")
    return marks


Steps = Callable[[Referral, dict[str, Any]], Referral]


def draft(referral: Referral, people: dict[str, Any]) -> Referral:
    return referral


def sent(referral: Referral, people: dict[str, Any]) -> Referral:
    return actions.send_referral(referral, by=people["caseworker"])


def received(referral: Referral, people: dict[str, Any]) -> Referral:
    return actions.receive(sent(referral, people), by=people["provider"])


def waitlisted(referral: Referral, people: dict[str, Any]) -> Referral:
    return actions.waitlist_referral(received(referral, people), by=people["provider"])


def accepted(referral: Referral, people: dict[str, Any]) -> Referral:
    return actions.accept_referral(received(referral, people), by=people["provider"])


def in_progress(referral: Referral, people: dict[str, Any]) -> Referral:
    return actions.start_referral(accepted(referral, people), by=people["provider"])


def completed(referral: Referral, people: dict[str, Any]) -> Referral:
    return actions.complete_referral(in_progress(referral, people), outcome="provided", by=people["provider"])


def not_completed(referral: Referral, people: dict[str, Any]) -> Referral:
    return actions.not_complete_referral(
        in_progress(referral, people), reason="contact_lost", by=people["provider"]
    )


def declined(referral: Referral, people: dict[str, Any]) -> Referral:
    return actions.decline_referral(received(referral, people), reason="no_capacity", by=people["provider"])


def expired(referral: Referral, people: dict[str, Any]) -> Referral:
    return workflow.advance(sent(referral, people), "expire", by=None)


def withdrawn(referral: Referral, people: dict[str, Any]) -> Referral:
    return actions.withdraw_referral(sent(referral, people), by=people["caseworker"], reason="person_asked")


def consent_over(referral: Referral, people: dict[str, Any]) -> Referral:
    made = received(referral, people)
    let_end(made.consent)
    return made


def consent_withdrawn(referral: Referral, people: dict[str, Any]) -> Referral:
    made = accepted(referral, people)
    withdraw_consent(made.consent, by=people["caseworker"])
    return Referral.objects.get(pk=made.pk)


def retired(referral: Referral, people: dict[str, Any]) -> Referral:
    return records.retire(sent(referral, people), by=people["supervisor"])


def taken_over(referral: Referral, people: dict[str, Any]) -> Referral:
    """The receiver opened a case of its own from it: world.py says which."""
    return accepted(referral, people)


STATES: dict[str, Steps] = {
    step.__name__: step
    for step in (
        draft, sent, received, waitlisted, accepted, in_progress, completed, not_completed, declined, expired,
        withdrawn, consent_over, consent_withdrawn, retired, taken_over,
    )
}  # fmt: skip
