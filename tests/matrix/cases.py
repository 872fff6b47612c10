"""The cases of the world, each with a child of every kind, something changed and something taken away."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from cases import tokens
from cases.access import COUNSEL, WORK, CaseGrant
from cases.models import (
    Assignment,
    Case,
    Consent,
    ContactPoint,
    Document,
    Enrolment,
    ImportedRow,
    Incident,
    Note,
    Party,
    Person,
    SubstanceUse,
    Tie,
)
from tests import factories
from tests.matrix.places import Canaries, MatrixPlaces
from victimcare import access, records
from victimcare.models import Organization, Team, User

# The argument of an address -> the kind of child that it names.
CHILDREN = {
    "contact_pk": "contact",
    "party_pk": "party",
    "incident_pk": "incident",
    "substance_pk": "substance",
    "note_pk": "note",
    "document_pk": "document",
    "enrolment_pk": "enrolment",
    "consent_pk": "consent",
    "assignment_pk": "assignment",
    "tie_pk": "tie",
}


@dataclass(slots=True)
class Thing:
    """A record of the world by name. `marks` are what the table calls it: closed, closing, waiting…"""

    name: str
    record: Any
    marks: set[str] = field(default_factory=set)
    children: dict[str, Any] = field(default_factory=dict)
    gone: dict[str, Any] = field(default_factory=dict)
    # What the person of a case is searched by.
    given_names: str = ""
    surnames: str = ""
    identity_number: str = ""

    @property
    def kind(self) -> str:
        return self.name.partition(".")[0]


class CaseMaker:
    def __init__(self, places: MatrixPlaces, canaries: Canaries) -> None:
        self.places, self.canaries = places, canaries

    def make(self, name: str, team: Team, *workers: User, **values: Any) -> Thing:
        """A case in its state, with all that hangs on it, worked on by `workers`."""
        case = factories.case(team, person=self._person(name, team.organization), **values)
        made = Thing(name, case, marks=_marks(case))
        person = case.person
        made.given_names, made.surnames = person.given_names, person.surnames
        made.identity_number = person.identity_number
        for worker in workers:
            made.children["assignment"] = self._assignment(case, worker)
        made.children |= self._children(name, case, "")
        made.gone = self._gone(name, case)
        self._changed(made)
        self._note_numbers(made)
        tokens.keep(case.person)
        return made

    def _person(self, name: str, organization: Organization) -> Person:
        word = self._words(name)
        return factories.person(
            organization,
            given_names=word("identity"),
            surnames=word("identity"),
            known_as=word("history"),
            identity_number=word("identity"),
        )

    def _words(self, name: str) -> Any:
        return lambda part: self.canaries.word(name, part)

    def _assignment(self, case: Case, worker: User) -> Assignment:
        made = Assignment.objects.create(
            case=case, user=worker, counsels=True, subject_key_id=case.subject_key_id
        )
        access.grant(CaseGrant, worker, {WORK, COUNSEL}, case)
        return made

    def _children(self, name: str, case: Case, gone: str) -> dict[str, Any]:
        """One of each kind; with `gone` all their words belong to that part, as of what is taken away."""

        def word(part: str) -> str:
            return self.canaries.word(name, gone or part)

        of_case = {"case": case, "subject_key_id": case.subject_key_id}
        return {
            "contact": ContactPoint.objects.create(
                organization=case.organization,
                person=case.person,
                subject_key_id=case.subject_key_id,
                contact_kind="email",
                value=f"{word('contact')}@invented.example",
                safety="with_care",
                rules=word("contact"),
            ),
            "party": Party.objects.create(
                **of_case, role="witness", name=word("identity"), details=word("risk")
            ),
            "incident": Incident.objects.create(
                **of_case, place=word("incident"), narrative=word("incident")
            ),
            "substance": SubstanceUse.objects.create(
                **of_case,
                icd11_code="6C40",
                rank=2 if gone else 1,
                details=word("substance"),
                first_used_at_age=word("substance"),
            ),
            "note": Note.objects.create(**of_case, kind="work", text=word("work")),
            "document": self._document(case, word),
            "consent": self._consent(name, case, gone),
            # Of somebody who has no part in this world.
            "tie": Tie.objects.create(**of_case, user=factories.user(), kind="other", words=word("risk")),
        }

    def _document(self, case: Case, word: Any) -> Document:
        content = f"Words of the file: {word('documents')}"
        return factories.stored_document(
            case, content.encode(), title=word("documents"), details=word("documents"),
            file_name=f"{word('documents')}.txt",
        )  # fmt: skip

    def _consent(self, name: str, case: Case, gone: str) -> Consent:
        recipient = self.places.clinic if case.organization == self.places.shelter else self.places.shelter
        return factories.consent(
            case,
            recipient,
            kinds=["identity", "contact", "incident", "risk"],
            given_by="guardian",
            giver_name=self.canaries.word(name, gone or "work"),
        )

    def _gone(self, name: str, case: Case) -> dict[str, Any]:
        """The same once more, taken away."""
        made = self._children(name, case, "taken_away")
        return {kind: records.retire(child, by=self.places.supervisor) for kind, child in made.items()}

    def _changed(self, made: Thing) -> None:
        """Each was changed once: what it said before lies in history only."""
        case, word, by = made.record, self._words(made.name), self.places.supervisor
        case.person = records.change(case.person, by=by, known_as=word("identity"))
        old = made.children["party"].details
        self.canaries.of[old] = {(made.name, "history")}
        made.children["party"] = records.change(made.children["party"], by=by, details=word("risk"))
        old = made.children["incident"].place
        self.canaries.of[old] = {(made.name, "history")}
        made.children["incident"] = records.change(made.children["incident"], by=by, place=word("incident"))
        made.children["enrolment"] = Enrolment.objects.get(case=case)
        of_case = {"case": case, "subject_key_id": case.subject_key_id}
        made.children["counselling"] = Note.objects.create(
            **of_case, kind="counselling", counselling_text=word("counselling")
        )
        ImportedRow.objects.create(
            **of_case,
            organization=case.organization,
            token=made.name.encode(),
            mapping="invented",
            source={"told": word("taken_away")},
        )

    def _note_numbers(self, made: Thing) -> None:
        """Numbers and ids give a record away too."""
        for text in (made.record.number, made.record.pk):
            self.canaries.add(text, made.name, "number")
        for record in (made.record.person, *made.children.values()):
            part = "counselling" if record is made.children["counselling"] else "ids"
            self.canaries.add(record.pk, made.name, part)
        for record in made.gone.values():
            self.canaries.add(record.pk, made.name, "taken_away")


def _marks(case: Case) -> set[str]:
    marks = {case.status}
    if case.status in {"open", "on_hold", "reopened"}:
        marks.add("askable")
    return marks


def plain_cases(maker: CaseMaker, people: dict[str, Any]) -> list[Thing]:
    """Cases of every place and state, without a referral."""
    places, now = maker.places, timezone.now()
    north, south = places.team, places.other_team
    mine, supervisor = people["caseworker"], people["supervisor"]
    asked = {"closure_asked_at": now, "closure_asked_by": mine, "closure_reason": "goals_reached"}
    closed = asked | {"closed_at": now, "closed_by": supervisor}
    return [
        maker.make("case.mine", north, mine),
        maker.make("case.intake", north, mine, status="intake"),
        maker.make("case.held", north, mine, status="on_hold"),
        maker.make("case.closing", north, mine, status="closing", **asked),
        maker.make("case.closed", north, mine, status="closed", **closed),
        maker.make("case.colleagues", north, people["colleague"]),
        maker.make("case.unassigned", north),
        maker.make("case.lent", north, people["supervisor_south"]),
        maker.make("case.southern", south, people["southern"]),
        maker.make("case.left", north, people["leaver"]),
        maker.make("case.other", places.other_agency_team, people["caseworker_other"]),
        maker.make("case.abroad", places.team_br, people["caseworker_abroad"]),
        maker.make("case.received", places.shelter_team, people["receiver_caseworker"]),
        moved(maker, people),
        retired(maker, people),
    ]


def moved(maker: CaseMaker, people: dict[str, Any]) -> Thing:
    """The caseworker's assignment ended, and its grant with it; another works on it now."""
    made = maker.make("case.moved", maker.places.other_team, people["southern"])
    former = factories.Assignment.objects.create(
        case=made.record, user=people["caseworker"], subject_key_id=made.record.subject_key_id
    )
    records.change(former, by=people["supervisor"], ended_at=timezone.now(), ended_by=people["supervisor"])
    return made


def retired(maker: CaseMaker, people: dict[str, Any]) -> Thing:
    """Nothing of it is shown to anybody, granted as it is."""
    made = maker.make("case.retired", maker.places.team, people["caseworker"])
    made.record = records.retire(made.record, by=people["supervisor"])
    return made


def let_end(consent: Consent) -> None:
    """Its last day was yesterday."""
    today = timezone.localdate()
    records.change(
        consent, by=None, valid_from=today - timedelta(days=30), valid_until=today - timedelta(days=1)
    )
