"""A batch of drafts becomes cases: keys, ciphertext, history and access log included, or none of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from cases import tokens
from cases.imports.drafts import Draft
from cases.imports.targets import SUBSTANCES
from cases.models import Case, Enrolment, ImportedRow, Incident, Party, Person, SubstanceUse
from victimcare import audit, records
from victimcare.encryption import keyring
from victimcare.kinds import DataKind
from victimcare.models import Organization, SubjectKey, Team
from victimcare.models.base import Record
from victimcare.models.keys import StateKey
from victimcare.models.logs import Action

PERPETRATOR = "alleged_perpetrator"
# A row's records, in the order in which one may refer to the other.
_ORDER: tuple[type[Record], ...] = (Person, Case, Enrolment, Incident, Party, SubstanceUse, ImportedRow)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that can become a record. `source` is what the file says, by column."""

    token: bytes
    draft: Draft
    source: dict[str, str]


@dataclass(frozen=True, slots=True)
class Destination:
    organization: Organization
    team: Team
    mapping: str
    enrolment: str
    status: str


Made = dict[type[models.Model], list[Any]]


@transaction.atomic
def write(rows: Sequence[Accepted], into: Destination) -> None:
    """Store each row's records. Nobody is signed in on the command line: the access log names no user."""
    if not rows:
        return
    state_key = keyring.current_state_key(into.organization.member_state)
    made: Made = defaultdict(list)
    for row in rows:
        _add(made, row, into, state_key)
    SubjectKey.objects.bulk_create(made[SubjectKey])
    for model in _ORDER:
        records.create_many(made[model], by=None)
    tokens.keep_all(((person, ()) for person in made[Person]), into.organization)
    audit.record_many(Action.CREATE, made[Case], by=None, kinds=_kinds(made))


def _add(made: Made, row: Accepted, into: Destination, state_key: StateKey) -> None:
    key = keyring.new_subject_key(into.organization, state_key)
    person = Person(organization=into.organization, subject_key=key, **_person(row.draft))
    case = Case(
        organization=into.organization,
        team=into.team,
        person=person,
        subject_key=key,
        status=into.status,
        urgency=row.draft["case"].get("urgency", "routine"),
        opened_on=row.draft["case"]["opened_on"].earliest,
    )
    imported = ImportedRow(
        organization=into.organization,
        subject_key=key,
        case=case,
        token=row.token,
        mapping=into.mapping,
        source=row.source,
    )
    enrolment = Enrolment(case=case, subject_key=key, kind=into.enrolment, started_on=case.opened_on)
    for record in (key, person, case, enrolment, imported, *_details(row.draft, case)):
        made[type(record)].append(record)


def _person(draft: Draft) -> dict[str, Any]:
    """A person's fields; an age is an age on a day, as precise as the file is."""
    fields = dict(draft["person"])
    if "age" in fields:
        fields["age"] = {**fields["age"], "on": draft["case"]["opened_on"].text}
    return fields


def _details(draft: Draft, case: Case) -> list[models.Model]:
    of_case = {"case": case, "subject_key": case.subject_key}
    made: list[models.Model] = []
    if "incident" in draft:
        made.append(Incident(**of_case, **draft["incident"]))
    if "perpetrator" in draft:
        made.append(Party(**of_case, role=PERPETRATOR, **draft["perpetrator"]))
    for rank, name in enumerate(SUBSTANCES, start=1):
        if name in draft:
            made.append(SubstanceUse(**of_case, rank=rank, **draft[name]))
    return made


def _kinds(made: Made) -> set[str]:
    written = (model for model in _ORDER if made[model])
    clear = {
        kind
        for model in _ORDER
        if made[model]
        for kind in model.clear_fields.values()
        if kind in DataKind.values
    }
    return clear.union(*(audit.kinds_of(model) for model in written))
