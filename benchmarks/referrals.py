"""Referrals of a case, in all states, with the consent that each rests on and the packet that it
discloses."""

import random
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from benchmarks import plan, words
from benchmarks.cases import One, Register, Taken, text
from benchmarks.details import write_consent
from benchmarks.pens import Pen, in_copy
from benchmarks.plan import uid

EVERY = 5
# The teams whose referrals all go to the first provider: some hundreds, however many cases there are.
TO_THE_FIRST = range(4)
NUMBERED = 1
TO_RECEIVER = {"accepted", "in_progress", "completed", "not_completed"}
CLOSED_TO_RECEIVER = {"draft", "declined", "expired", "withdrawn"}
PACKET_KINDS = "{contact,identity,incident,risk}"


class Sending:
    """What is decided of one referral, apart from its case: who it goes to, and how far it came."""

    def __init__(self, one: One, place: int) -> None:
        self.one, self.place = one, place
        self.chance = chance = random.Random(f"referral {one.number} {place}")  # the same each time
        self.which = one.number * 4 + place
        self.id = uid("referral", self.which)
        self.provider = self._provider()
        self.staff = plan.staff(self.provider, 0)
        self.receiver = uid("provider", self.provider)
        offer = self.provider * plan.SERVICES_A_PROVIDER + chance.randrange(plan.SERVICES_A_PROVIDER)
        self.offer = uid("offer", offer)
        running = one.slot.status != "closed"
        self.status = chance.choice(words.SENT_WHILE_RUNNING if running else words.SENT_BEFORE_THE_END)
        if one.busy or one.bare:
            self.status = words.SENT_OF_BUSY[place]
        self.began = self._began()

    def _provider(self) -> int:
        """Of the region; of some teams always the first. The cases of one go to several."""
        made = self.one.plan
        if self.one.team in TO_THE_FIRST and self.place == 0:
            return 0
        regions = len(made.regions)
        near = range(self.one.agency % regions, made.providers, regions)
        return near[(self.chance.randrange(len(near)) + self.place) % len(near)]

    def _began(self) -> datetime:
        """What waits for an answer was sent lately; nothing is sent before the case was opened."""
        now, opened = self.one.plan.now, self.one.opened
        longest = words.SENT_WITHIN_DAYS.get(self.status)
        if longest is None:
            return opened + (now - opened) * self.chance.uniform(0.05, 0.6)
        ago = timedelta(days=longest) * self.chance.uniform(0.05, 1)
        return max(now - ago, opened + (now - opened) / 2)

    @cached_property
    def steps(self) -> list[Taken]:
        ways = words.REFERRED[self.status]
        share = min((self.one.plan.now - self.began) / (len(ways) + 1), timedelta(days=9))
        state, found = "draft", []
        for count, (verb, target) in enumerate(ways):
            by = self.one.worker if verb in {"send", "withdraw"} else self.staff
            found.append(Taken(verb, state, target, by, self.began + share * count))
            state = target
        return found


def sendings(one: One) -> list[Sending]:
    if one.busy:
        return [Sending(one, place) for place in range(3)]
    refers = one.bare or one.place % EVERY == one.team % EVERY
    return [Sending(one, 0)] if refers and one.number != one.plan.candidates_case else []


def write_referrals(book: Register, one: One, pen: Pen) -> None:
    for sending in sendings(one):
        given = max(one.opened, sending.began - timedelta(hours=1))
        consent = write_consent(book, one, pen, sending.place, sending.receiver, given)
        _write_referral(book, sending, pen, consent["id"])
        if sending.status != "draft":
            _write_packet(book, sending, pen, consent)


def _write_referral(book: Register, sending: Sending, pen: Pen, consent: str) -> None:
    """As it is now, and in history as it was after each step: the same words, with a MAC for each."""
    one = sending.one
    blobs = pen.blobs("referrals_referral", sending.id, {"request": one.chance.choice(words.SENTENCES)})
    began = text(sending.began)
    row: dict[str, Any] = {
        "organization_id": one.organization, "team_id": one.team_id, "receiver_id": sending.receiver,
        "case_id": one.id, "service_at_location_id": sending.offer, "consent_id": consent,
        "number": plan.number_of(NUMBERED, sending.which), "status": "draft", "created_at": began,
        "urgency": sending.chance.choice(words.URGENCIES), "created_by_id": one.worker,
        "scope_team_id": one.team_id,
        **pen.columns("referrals_referral", sending.id, blobs),
    }  # fmt: skip
    book.history("referrals_referral", row, "+", began, one.worker)
    for revision, taken in enumerate(sending.steps, 2):
        at = text(taken.at)
        row |= {"status": taken.target, "stepped_at": at, "revision": revision, **_stamp(sending, taken, at)}
        row["mac"] = in_copy(pen.mac("referrals_referral", sending.id, blobs, revision))
        book.history("referrals_referral", row, "~", f"{at}", taken.by)
        book.step(one, "referrals.Referral", sending.id, taken)
    book.tables.add("referrals_referral", row)


def _stamp(sending: Sending, taken: Taken, at: str) -> dict[str, object]:
    name = words.STAMPS.get(taken.verb)
    found: dict[str, object] = {f"{name}_at": at, f"{name}_by_id": taken.by} if name else {}
    if taken.verb == "send":
        found["answer_until"] = text(taken.at + timedelta(days=14))
    if taken.verb == "complete":
        found["outcome"] = sending.chance.choice(words.OUTCOMES)
    if reasons := words.END_REASONS.get(taken.verb):
        found["end_reason"] = sending.chance.choice(reasons)
    return found


def _write_packet(book: Register, sending: Sending, pen: Pen, consent: dict[str, Any]) -> None:
    """Under the sender's person; once it was accepted, under a key of the receiver's, and its history has
    both.
    """
    one, record = sending.one, uid("packet", sending.which)
    told = {"content": one.told}
    sent = text(sending.began)
    closed = sending.status in CLOSED_TO_RECEIVER
    until = (datetime.fromisoformat(consent["valid_until"]) + timedelta(days=1)).date()
    row: dict[str, Any] = {
        "organization_id": one.organization, "referral_id": sending.id, "kinds": PACKET_KINDS,
        "created_at": sent, "created_by_id": one.worker, "scope_case_id": one.id,
        "scope_team_id": one.team_id, "scope_receiver_id": sending.receiver,
        "scope_open_from": f"{consent['valid_from']} 00:00 {plan.TIME_ZONE}",
        "scope_open_until": "-infinity" if closed else f"{until} 00:00 {plan.TIME_ZONE}",
        **pen.row("referrals_packet", record, told),
    }  # fmt: skip
    book.history("referrals_packet", row, "+", sent, one.worker)
    accepted = [taken for taken in sending.steps if taken.verb == "accept"]
    if accepted:
        at = text(accepted[0].at)
        own = book.keys.new(uid("key of packet", sending.which), sending.receiver, at)
        row |= {"organization_id": sending.receiver, **own.row("referrals_packet", record, told, 2)}
        book.history("referrals_packet", row, "~", at, sending.staff)
    book.tables.add("referrals_packet", row)
