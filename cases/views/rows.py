"""A case as one line of a list: formatted once, in Python; keys of all persons fetched together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Enrolment, Person
from cases.models.cases import read_rows
from victimcare import codelists
from victimcare.addresses import address
from victimcare.encryption import keyring
from victimcare.words import choice_words, day_words

UNNAMED = _("Name not known")


@dataclass(frozen=True, slots=True)
class Row:
    """What a list shows of a case; texts only."""

    number: str
    url: str
    name: str | Promise
    born: str
    kinds: str
    status: str
    status_kind: str
    urgency: str
    is_urgent: bool
    opened: str
    last_step: str
    workers: str
    team: str


def rows_of(cases: Sequence[Case]) -> list[Row]:
    """Lines of cases that were read `with_places()`."""
    cases = read_rows(cases)
    keyring.preload(cases)
    return [row_of(case) for case in cases]


@dataclass(frozen=True, slots=True)
class ShortRow:
    """A case without its person."""

    number: str
    url: str
    kinds: str
    status: str
    status_kind: str


def short_rows_of(cases: Iterable[Case]) -> list[ShortRow]:
    return [
        ShortRow(
            case.number,
            _url(case),
            _kinds(case),
            choice_words(Case.Status, case.status),
            case.status_kind,
        )
        for case in cases
    ]


def _url(case: Case) -> str:
    return address("cases:case", case.pk)


def _kinds(case: Any) -> str:
    running = frozenset(enrolment.kind for enrolment in case.running_enrolments)
    return _kinds_in(running, get_language() or "")


@cache
def _kinds_in(kinds: frozenset[str], language: str) -> str:
    return capfirst(", ".join(str(kind.label) for kind in Enrolment.Kind if kind in kinds))


def row_of(case: Any) -> Row:
    """Of a case that `read_rows` read more of."""
    return Row(
        number=case.number,
        url=_url(case),
        name=case.person.display_name or UNNAMED,
        born=born(case.person),
        kinds=_kinds(case),
        status=choice_words(Case.Status, case.status),
        status_kind=case.status_kind,
        urgency=codelists.get("urgency").label(case.urgency),
        is_urgent=case.urgency != "routine",
        opened=day_words(case.opened_on),
        last_step=day_words(case.stepped_at or case.created_at),
        workers=", ".join(str(assignment.user) for assignment in case.running_assignments),
        team=case.team.name,
    )


def born(person: Person) -> str:
    """The birth date as well as it is known, or the age that was told; empty if neither is."""
    if person.birth:
        return str(person.birth)
    age = person.age
    if not age:
        return ""
    years = str(age["from"]) if age["from"] == age["to"] else f"{age['from']}-{age['to']}"
    return str(_("%(years)s years old in %(when)s") % {"years": years, "when": str(age["on"])[:4]})
