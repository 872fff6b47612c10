"""A packet as its page shows it: by kind of data, labels instead of codes, each contact with what is safe
about it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cases.models import ContactPoint, Enrolment, Incident, Party, Person, SubstanceUse
from referrals.codes import label, labels, title
from referrals.packets import NOT_TO_BE_PASSED_ON, Section, parties_of
from victimcare.encryption.dates import PartialDate
from victimcare.kinds import DataKind
from victimcare.models import Record

Facts = list[tuple[Any, Any]]

LISTS = {
    "gender": "gender", "region": "region", "language": "language", "role": "party-role",
    "relationship": "relationship", "iccs_code": "iccs", "violence_types": "violence-type",
    "violence_settings": "violence-setting", "icd11_code": "icd11-substances", "route": "substance-route",
    "frequency": "substance-frequency", "identity_document": "identity-document",
    "country_of_birth": "country",
}  # fmt: skip
DATES = frozenset({"birth", "occurred"})
HIDDEN = frozenset({"rank"})
OTHERS = "others"
# What is read first: of the person and how to reach them. The others in the case follow it.
BEFORE_OTHERS = frozenset({DataKind.IDENTITY, DataKind.CONTACT})
DANGEROUS_ROLE = "alleged_perpetrator"


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else in the case: by role first, so that nobody takes an alleged perpetrator for family."""

    heading: str
    is_dangerous: bool
    role_is_known: bool
    facts: Facts


@dataclass(slots=True)
class Shown:
    """One kind of data, or the others in the case. `groups` are lists of facts with a heading; `texts` are
    what somebody wrote, with a date.
    """

    kind: str
    label: Any
    keep_to_yourself: bool
    groups: list[tuple[str, Facts]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    tells_of_others: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.groups or self.contacts or self.texts or self.others)


def shown(content: dict[str, Section]) -> list[Shown]:
    """In the order of the kinds of data; what each of them tells of others in the case stands together."""
    sections = [_shown(kind, content[kind]) for kind in DataKind.values if kind in content]
    if others := _others(content):
        place = sum(section.kind in BEFORE_OTHERS for section in sections)
        sections.insert(place, Shown(OTHERS, _("Others in the case"), keep_to_yourself=False, others=others))
    return sections


def _shown(kind: str, section: Section) -> Shown:
    page = Shown(kind, DataKind(kind).label, keep_to_yourself=kind in NOT_TO_BE_PASSED_ON)
    if enrolled := section.get("enrolments"):
        names = capfirst(", ".join(str(Enrolment.Kind(one).label) for one in enrolled))
        page.groups.append(("", [(_("Kinds of case"), names)]))
    if person := section.get("person"):
        page.groups.append(("", facts_of(Person, person)))
    page.groups += [("", facts_of(Incident, one)) for one in section.get("incidents", ())]
    page.groups += [("", facts_of(SubstanceUse, one)) for one in section.get("substances", ())]
    page.tells_of_others = bool(section.get("parties"))
    page.contacts = [_contact(way) for way in section.get("ways", ())]
    page.texts = [(_date(note["on"]), note["text"]) for note in section.get("notes", ())]
    if request := section.get("request"):
        page.texts.append((_("What is asked for"), request))
    return page


def _others(content: dict[str, Section]) -> list[Other]:
    """Each with all that the kinds of data tell of them, an alleged perpetrator first."""
    found = [_other(party) for party in parties_of(content)]
    return sorted(found, key=lambda other: not other.is_dangerous)


def _other(party: Section) -> Other:
    role = party.get("role")
    words = label(LISTS["role"], role) if role else _("Role not stated")
    rest = {name: value for name, value in party.items() if name not in {"role", "name"}}
    return Other(
        heading=" · ".join(filter(None, (str(words), party.get("name")))),
        is_dangerous=role == DANGEROUS_ROLE,
        role_is_known=bool(role),
        facts=facts_of(Party, rest),
    )


def facts_of(model: type[Record], values: Section) -> Facts:
    return [
        (capfirst(model._meta.get_field(name).verbose_name), _words(name, value))  # type: ignore[union-attr]  # own fields
        for name, value in values.items()
        if name not in HIDDEN
    ]


def _words(name: str, value: Any) -> Any:
    if name in DATES:
        return _date(value)
    if name == "age":
        return _age(value)
    if name == "background":
        return "; ".join(label(list_id, code) for list_id, code in value.items())
    if name in LISTS:
        return labels(LISTS[name], value) if isinstance(value, list) else title(LISTS[name], value)
    return value


def _date(text: str) -> str:
    return str(PartialDate(text))


def _age(told: dict[str, Any]) -> str:
    youngest, oldest = told.get("from"), told.get("to")
    ages = {str(age): None for age in (youngest, oldest) if age is not None}
    words = "–".join(ages)
    return _("%(age)s (told in %(year)s)") % {"age": words, "year": told["on"]} if told.get("on") else words


def _contact(way: Section) -> dict[str, Any]:
    return {
        "kind_label": label("contact-kind", way["contact_kind"]),
        "value": way.get("value", ""),
        "safety": way["safety"],
        "safety_label": ContactPoint.Safety(way["safety"]).label,
        "may_leave_message": way.get("may_leave_message", False),
        "rules": way.get("rules", ""),
    }


def kinds_in_words(kinds: Iterable[str]) -> str:
    held = set(kinds)
    return ", ".join(str(kind.label) for kind in DataKind if kind in held)
