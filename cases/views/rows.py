"""A case as one line of a list: formatted once, in Python; keys of all persons fetched together."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases.models import URGENCY_KINDS, Case, Enrolment, Person
from cases.models.cases import read_rows
from victimcare import codelists
from victimcare.addresses import address
from victimcare.encryption import keyring
from victimcare.words import choice_words, day_words

UNNAMED = _("Name not known")


class ShortRow:
    """What a list shows of a case without its person, in the language of who reads it; texts only. A page
    pays for those that it shows.
    """

    __slots__ = ("case", "language")

    def __init__(self, case: Any, language: str) -> None:
        self.case, self.language = case, language

    @property
    def number(self) -> str:
        return str(self.case.number)

    @property
    def url(self) -> str:
        return address("cases:case", self.case.pk)

    @property
    def kinds(self) -> str:
        return _kinds_in(frozenset(self.case.running_kinds), self.language)

    @property
    def status(self) -> str:
        return choice_words(Case.Status, self.case.status, self.language)

    @property
    def status_kind(self) -> str:
        return str(self.case.status_kind)

    @property
    def urgency(self) -> str:
        return codelists.get("urgency").label(self.case.urgency)

    @property
    def urgency_kind(self) -> str:
        """The status kind of the design system."""
        return URGENCY_KINDS.get(self.case.urgency, "neutral")


class Row(ShortRow):
    """The same with the person, and what else a list of cases shows."""

    __slots__ = ()

    @property
    def name(self) -> str | Promise:
        return self.case.person.display_name or UNNAMED

    @property
    def born(self) -> str:
        return born(self.case.person)

    @property
    def is_urgent(self) -> bool:
        return bool(self.case.urgency != "routine")

    @property
    def opened(self) -> str:
        return day_words(self.case.opened_on, self.language)

    @property
    def last_step(self) -> str:
        return day_words(self.case.stepped_at or self.case.created_at, self.language)

    @property
    def workers(self) -> str:
        return ", ".join(str(assignment.user) for assignment in self.case.running_assignments)


def rows_of(cases: Sequence[Case], *, workers: bool = True) -> list[Row]:
    """Lines of cases that were read `with_places()`; without `workers` for a list that shows none."""
    cases = read_rows(cases, assignments=workers)
    keyring.preload(cases)
    language = get_language() or ""
    return [Row(case, language) for case in cases]


def row_of(case: Case) -> Row:
    return Row(case, get_language() or "")


def short_rows_of(cases: Iterable[Case]) -> list[ShortRow]:
    """Of cases that `read_kinds` read."""
    language = get_language() or ""
    return [ShortRow(case, language) for case in cases]


@cache
def _kinds_in(kinds: frozenset[str], language: str) -> str:
    return capfirst(", ".join(str(kind.label) for kind in Enrolment.Kind if kind in kinds))


def born(person: Person) -> str:
    """The birth date as well as it is known, or the age that was told; empty if neither is."""
    if person.birth:
        return str(person.birth)
    age = person.age
    if not age:
        return ""
    years = str(age["from"]) if age["from"] == age["to"] else f"{age['from']}-{age['to']}"
    return str(_("%(years)s years old in %(when)s") % {"years": years, "when": str(age["on"])[:4]})
