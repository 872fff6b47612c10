"""What leaves the organisation with a referral: one function per kind of data, and only the kinds consented
to.

Where one record holds several kinds (a party has a name, a gender and a danger), each kind carries its own
part, under the same short number. Who the party is to the person goes with every part: the name of an alleged
perpetrator alone could be taken for that of the family. What a kind's function returns is all that the packet
ever holds of that kind.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from cases.access import kinds_shown
from cases.models import Case, Consent, Enrolment, Note, Party
from referrals.models import Packet, Referral
from victimcare.encryption.dates import PartialDate
from victimcare.kinds import DataKind
from victimcare.models import Record, User

Section = dict[str, Any]

PERSON = (
    "given_names", "surnames", "known_as", "birth", "age", "identity_document", "identity_number",
    "country_of_birth", "background", "gender", "region", "language",
)  # fmt: skip
CONTACT = ("contact_kind", "value", "safety", "may_leave_message", "rules")
INCIDENT = (
    "iccs_code", "violence_types", "violence_settings", "region", "occurred", "place", "narrative",
)  # fmt: skip
SUBSTANCE = ("rank", "icd11_code", "route", "frequency", "first_used_at_age", "details")
PARTY = {
    DataKind.IDENTITY: ("name", "birth"),
    DataKind.INCIDENT: ("role", "relationship", "gender"),
    DataKind.RISK: ("details",),
}
PARTY_ALWAYS = ("role", "relationship")
# That somebody is in treatment for drug dependence is itself protected (42 CFR Part 2): it goes with that
# kind only.
ENROLMENTS = {
    DataKind.INCIDENT: (Enrolment.Kind.VICTIM, Enrolment.Kind.REINTEGRATION),
    DataKind.SUBSTANCE: (Enrolment.Kind.DRUG_DEPENDENCE,),
}
# Whoever receives these may not pass them on without a new consent; the packet says so beside them.
NOT_TO_BE_PASSED_ON = frozenset({DataKind.SUBSTANCE, DataKind.COUNSELLING})


def build(referral: Referral, kinds: Iterable[str]) -> dict[str, Section]:
    """The packet's content of these kinds, from the case as it is now."""
    return {kind: BUILDERS[DataKind(kind)](referral) for kind in DataKind.values if kind in set(kinds)}


def travelling(referral: Referral, consent: Consent, sender: User) -> list[str]:
    """The kinds that leave the organisation: covered by the consent, and shown to who sends them. Nobody
    passes on what they may not read themselves.
    """
    shown = kinds_shown(sender, referral.case)
    return sorted(kind for kind in consent.kinds if kind in shown)


def covers_request(consent: Consent) -> bool:
    """What is asked for travels as part of this kind alone."""
    return DataKind.RISK in consent.kinds


def fields_of(sections: dict[str, Section]) -> dict[str, Any]:
    """The packet's encrypted fields, each with the kinds that lie under its key."""
    counselling = sections.get(DataKind.COUNSELLING)
    others = {kind: section for kind, section in sections.items() if kind != DataKind.COUNSELLING}
    return {"content": others, "counselling": counselling}


def emptied(parties: list[UUID]) -> Iterable[tuple[UUID, UUID]]:
    """The own copies of who sent them, each with its key: `app.forget_sent` emptied these."""
    sent = Packet._base_manager.filter(referral__case__partys__in=parties)
    return sent.values_list("pk", "referral__subject_key_id")


def named_in(packet: Packet) -> Iterable[UUID]:
    """The parties of the case that it was made of."""
    return Party._base_manager.filter(case__referrals=packet.referral_id).values_list("pk", flat=True)


def identity(referral: Referral) -> Section:
    case = referral.case
    return {"person": _values(case.person, PERSON), "parties": _parties(case, DataKind.IDENTITY)}


def contact(referral: Referral) -> Section:
    """Each way to reach the person with what is safe about it: the two are never parted, not here either."""
    ways = referral.case.person.contacts.current().order_by("created_at", "pk")
    return {"ways": [_values(way, CONTACT) for way in ways]}


def incident(referral: Referral) -> Section:
    case = referral.case
    incidents = case.incidents.current().order_by("created_at", "pk")
    return {
        "enrolments": _enrolments(case, DataKind.INCIDENT),
        "incidents": [_values(one, INCIDENT) for one in incidents],
        "parties": _parties(case, DataKind.INCIDENT),
    }


def risk(referral: Referral) -> Section:
    return {"request": referral.request, "parties": _parties(referral.case, DataKind.RISK)}


def health(referral: Referral) -> Section:
    """Nothing of this kind is recorded on a case."""
    return {}


def substance(referral: Referral) -> Section:
    case = referral.case
    used = case.substanceuses.current().order_by("rank", "pk")
    return {
        "enrolments": _enrolments(case, DataKind.SUBSTANCE),
        "substances": [_values(one, SUBSTANCE) for one in used],
    }


def counselling(referral: Referral) -> Section:
    notes = referral.case.notes.current().filter(kind=Note.Kind.COUNSELLING).order_by("created_at", "pk")
    return {
        "notes": [{"on": note.created_at.date().isoformat(), "text": note.counselling_text} for note in notes]
    }


def documents(referral: Referral) -> Section:
    """Files are not attached to cases."""
    return {}


BUILDERS: dict[DataKind, Callable[[Referral], Section]] = {
    DataKind.IDENTITY: identity,
    DataKind.CONTACT: contact,
    DataKind.INCIDENT: incident,
    DataKind.RISK: risk,
    DataKind.HEALTH: health,
    DataKind.SUBSTANCE: substance,
    DataKind.COUNSELLING: counselling,
    DataKind.DOCUMENTS: documents,
}


def _parties(case: Case, kind: DataKind) -> dict[str, Section]:
    """The part of each party that is of this kind, under the party's number in this case; never without its
    role.
    """
    parties = enumerate(case.partys.current().order_by("created_at", "pk"), start=1)
    parts = ((str(number), party, _values(party, PARTY[kind])) for number, party in parties)
    return {number: _values(party, PARTY_ALWAYS) | part for number, party, part in parts if part}


def parties_of(content: dict[str, Section]) -> list[Section]:
    """The parts of each party put together again: the same number names the same party under each kind."""
    parts = [content.get(kind, {}).get("parties", {}) for kind in PARTY]
    numbers = sorted({number for part in parts for number in part}, key=int)
    return [
        {name: value for part in parts for name, value in part.get(number, {}).items()} for number in numbers
    ]


def _enrolments(case: Case, kind: DataKind) -> list[str]:
    running = case.enrolments.current().filter(ended_on=None, kind__in=ENROLMENTS[kind])
    return sorted(running.values_list("kind", flat=True))


def _values(record: Record, names: Iterable[str]) -> Section:
    """The fields that say something, as JSON knows them."""
    found = ((name, getattr(record, name)) for name in names)
    return {name: _plain(value) for name, value in found if value not in (None, "", [], {})}


def _plain(value: Any) -> Any:
    return value.text if isinstance(value, PartialDate) else value
