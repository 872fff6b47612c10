"""One case after another: the person, the case and who works on it, each row as the product's actions leave
it, history included.
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from benchmarks import plan, words
from benchmarks.copying import Tables
from benchmarks.pens import Keys, Pen, in_copy, randomness
from benchmarks.people import Names
from benchmarks.plan import Plan, Slot, uid, user
from cases import cards, tokens
from cases.access import COUNSEL, WORK
from victimcare.models import Organization


def text(at: datetime | date) -> str:
    return at.isoformat(" ") if isinstance(at, datetime) else at.isoformat()


class Taken(NamedTuple):
    """A step of a workflow that was taken."""

    verb: str
    source: str
    target: str
    by: str
    at: datetime


@dataclass
class One:
    """What is decided of one case before its rows are written."""

    plan: Plan
    number: int
    names: Names

    def __post_init__(self) -> None:
        self.chance = random.Random(f"case {self.number}")  # the same each time; nothing secret
        self.team, self.place = self.plan.place_of(self.number)
        self.id, self.person_id = uid("case", self.number), uid("person", self.number)
        self.team_id = uid("team", self.team)
        self.agency = self.plan.agency_of(self.team)
        self.organization = uid("agency", self.agency)
        self.opened = self.plan.opened_at(self.number)
        self.opened_at = text(self.opened)
        self.case_number = plan.number_of(0, self.number)
        self.clues, self.birth = self.names.somebody(self.chance)
        self.busy, self.bare = self.number == self.plan.busy_case, self.number == self.plan.bare_case
        self.slot: Slot = plan.slots(first=self.team == 0)[self.place]
        self.kinds = self._kinds()
        # What a packet discloses, as referrals/packets.py puts it together.
        self.told: dict[str, dict[str, Any]] = {
            "identity": {"person": {}, "parties": {}}, "contact": {"ways": []},
            "incident": {"enrolments": self.kinds[:1], "incidents": [], "parties": {}},
            "risk": {"request": "", "parties": {}},
        }  # fmt: skip

    def _kinds(self) -> list[str]:
        """Of the case; of the named ones for certain."""
        chance = self.chance.random()
        if self.busy or self.bare or chance < 0.7:
            return ["victim"]
        return ["drug_dependence"] if chance < 0.85 else ["victim", "drug_dependence"]

    @cached_property
    def worker(self) -> str:
        return user(self.team, self.slot.worker)

    @cached_property
    def colleague(self) -> str:
        return user(self.team, self.slot.colleague)

    @cached_property
    def supervisor(self) -> str:
        return user(self.team, plan.SUPERVISOR)

    @cached_property
    def steps(self) -> list[Taken]:
        """As they were taken, the last one before now."""
        ways = words.WAYS[self.slot.status]
        share = (self.plan.now - self.opened) / (len(ways) + 1)
        state, found = "intake", []
        for count, (verb, target) in enumerate(ways, 1):
            by = self.supervisor if verb in words.SUPERVISORS else self.worker
            at = self.opened + (min(share, timedelta(hours=3)) if verb == "open" else share * count)
            found.append(Taken(verb, state, target, by, at))
            state = target
        return found

    def moment(self) -> datetime:
        """Some time between the opening and now, more likely early."""
        return self.opened + (self.plan.now - self.opened) * self.chance.random() ** 2

    def many(self, least: int, most: int, busy: int) -> int:
        """How many records of a kind."""
        if self.bare:
            return 1
        return busy if self.busy else self.chance.randint(least, most)


class Register:
    """Writes records into tables, each with its history, and keeps the search keys of organisations."""

    def __init__(self, made: Plan, tables: Tables, keys: Keys, names: Names) -> None:
        self.plan, self.tables, self.keys, self.names = made, tables, keys, names
        self.search_keys: dict[str, tokens.Keys] = {}

    def record(self, table: str, row: dict[str, Any], **scope: object) -> None:
        """A record and the first line of its history. `scope` are columns that only the history has."""
        self.tables.add(table, row)
        self.history(table, row, "+", row["created_at"], row["created_by_id"], **scope)

    def history(
        self, table: str, row: dict[str, Any], kind: str, at: object, by: object, **scope: object
    ) -> None:
        self.tables.add_history(
            table, row, history_id=randomness.take(16).hex(), history_type=kind, history_date=at,
            history_user_id=by, **scope,
        )  # fmt: skip

    def child(self, one: One, table: str, row: dict[str, Any], at: str | None = None) -> None:
        """A record that hangs on the case, made by its worker."""
        shared = {"case_id": one.id, "scope_team_id": one.team_id, "created_by_id": one.worker}
        self.record(table, {"revision": 1, **shared, "created_at": at or one.opened_at, **row})

    def step(self, one: One, label: str, record: str, taken: Taken) -> None:
        self.tables.add("victimcare_step", {
            "id": uid(f"step {taken.verb}", record), "at": text(taken.at), "by_id": taken.by,
            "object_label": label, "object_id": record, "verb": taken.verb, "source": taken.source,
            "target": taken.target, "scope_case_id": one.id, "scope_team_id": one.team_id,
        })  # fmt: skip

    def keys_of(self, organization: str) -> tokens.Keys:
        """Those under which search keeps its persons, asked once."""
        found = self.search_keys.get(organization)
        if found is None:
            found = self.search_keys[organization] = tokens.keys_of(
                Organization(pk=UUID(organization), member_state_id=plan.STATE)
            )
        return found


def write_person(book: Register, one: One, pen: Pen) -> None:
    clues = one.clues
    said = {
        "given_names": clues.given_names,
        "surnames": clues.surnames,
        "birth": one.birth,
        "identity_document": clues.identity_number and "AR-DNI",
        "identity_number": clues.identity_number,
        "country_of_birth": "AR" if one.chance.random() < 0.9 else "BO",
    }
    coded = {
        "gender": "woman" if one.busy else one.chance.choice(words.GENDERS),
        "region": book.plan.region_of(one.agency),
        "language": "es",
    }
    one.told["identity"]["person"] = {name: value for name, value in (said | coded).items() if value}
    book.record("cases_person", {
        "organization_id": one.organization, "created_at": one.opened_at, "created_by_id": one.worker,
        **coded, **_scope_of_person(one), **pen.row("cases_person", one.person_id, said),
    })  # fmt: skip
    _write_contacts(book, one, pen)
    _write_search(book, one)


def _scope_of_person(one: One) -> dict[str, Any]:
    return {
        "scope_made_at": one.opened_at,
        "scope_team_ids": f"{{{one.team_id}}}",
        "scope_case_ids": f"{{{one.id}}}",
    }


def _write_contacts(book: Register, one: One, pen: Pen) -> None:
    ways = [("mobile", value) for value in one.clues.reached_at]
    if one.busy or not ways or (not one.bare and one.chance.random() < 0.4):
        ways.append(("address", f"{one.chance.choice(words.STREETS)} {one.chance.randrange(1, 4000)}"))
    while one.busy and len(ways) < 3:
        ways.append(("third_person", f"Tia, {one.chance.randrange(10**7, 10**8)}"))
    for place, (kind, value) in enumerate(ways):
        safety = one.chance.choice(words.SAFETY)
        rules = one.chance.choice(words.RULES) if safety == "with_care" else ""
        way = {"contact_kind": kind, "value": value, "safety": safety, "rules": rules}
        one.told["contact"]["ways"].append({name: said for name, said in way.items() if said})
        sealed = pen.row(
            "cases_contactpoint", uid("contact", f"{one.number} {place}"), {"value": value, "rules": rules}
        )
        book.record("cases_contactpoint", {
            "organization_id": one.organization, "person_id": one.person_id, "contact_kind": kind,
            "safety": safety, "may_leave_message": "f", "created_at": one.opened_at,
            "created_by_id": one.worker, **_scope_of_person(one), **sealed,
        })  # fmt: skip


def _write_search(book: Register, one: One) -> None:
    """Tokens and name card, as `cases.tokens.keep_all` stores them."""
    keys = book.keys_of(one.organization)
    stored = " ".join(sorted(tokens.stored(one.clues, plan.STATE, [keys.own])))
    book.tables.add("cases_persontokens", {"person_id": one.person_id, "tokens": stored})
    card = cards.sealed(UUID(one.person_id), cards.text_of(one.clues, plan.STATE), keys.of_cards)
    book.tables.add(
        "cases_namecard",
        {"person_id": one.person_id, "subject_key_id": keys.of_cards.hex, "card": in_copy(card)},
    )


def write_case(book: Register, one: One, key_id: str) -> None:
    """As it is now, and in history as it was after each step."""
    row: dict[str, Any] = {
        "id": one.id, "created_at": one.opened_at, "created_by_id": one.worker, "revision": 1,
        "subject_key_id": key_id, "organization_id": one.organization, "team_id": one.team_id,
        "person_id": one.person_id, "number": one.case_number, "status": "intake",
        "opened_on": text(one.opened.date()), "urgency": one.chance.choice(words.URGENCIES),
    }  # fmt: skip
    scope = {"scope_team_id": one.team_id}
    book.history("cases_case", row, "+", one.opened_at, one.worker, **scope)
    for taken in one.steps:
        at = text(taken.at)
        row |= {"status": taken.target, "stepped_at": at, "revision": row["revision"] + 1}
        if taken.verb == "ask_closure":
            row |= {"closure_asked_at": at, "closure_asked_by_id": taken.by}
            row["closure_reason"] = one.chance.choice(words.CLOSURES)
        if taken.verb == "approve_closure":
            row |= {"closed_at": at, "closed_by_id": taken.by}
        book.history("cases_case", row, "~", at, taken.by, **scope)
        book.step(one, "cases.Case", one.id, taken)
    book.tables.add("cases_case", {"scope_made_at": one.opened_at, **row})


def write_workers(book: Register, one: One, key_id: str, grants: dict[str, int]) -> None:
    """Who opened it counsels in it; a colleague helps; of who left, only that they were there."""
    given: list[tuple[str, bool]] = [(one.worker, True), (one.colleague, False)]
    for place, (by, counsels) in enumerate(given):
        book.child(one, "cases_assignment", {
            "id": uid("assignment", f"{one.number} {place}"), "subject_key_id": key_id, "user_id": by,
            "counsels": "t" if counsels else "f", "started_at": one.opened_at,
        })  # fmt: skip
        for codename in (WORK, COUNSEL) if counsels else (WORK,):
            book.tables.add("cases_casegrant", {
                "permission_id": grants[codename], "user_id": by, "content_object_id": one.id,
                "scope_organization_id": one.organization, "scope_codename": codename,
            })  # fmt: skip
    if one.slot.former is not None:
        _write_former(book, one, key_id, user(one.team, one.slot.former))


def _write_former(book: Register, one: One, key_id: str, former: str) -> None:
    ended = {"ended_at": text(one.moment()), "ended_by_id": one.supervisor}
    book.child(one, "cases_assignment", {
        "id": uid("assignment", f"{one.number} former"), "subject_key_id": key_id, "user_id": former,
        "counsels": "f", "started_at": one.opened_at, **ended,
    })  # fmt: skip


def write_enrolments(book: Register, one: One, key_id: str) -> None:
    for kind in one.kinds:
        book.child(one, "cases_enrolment", {
            "id": uid(f"enrolment {kind}", one.number), "subject_key_id": key_id, "kind": kind,
            "started_on": text(one.opened.date()),
        })  # fmt: skip
