"""A case as one line of a list: formatted once, in Python; keys of all persons fetched together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Enrolment, Person
from victimcare import codelists
from victimcare.encryption import keyring

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
    """Lines of cases that were read `with_rows()`."""
    keyring.preload(cases)
    return [_row(case) for case in cases]


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
        ShortRow(case.number, _url(case), _kinds(case), str(case.get_status_display()), case.status_kind)
        for case in cases
    ]


def _url(case: Case) -> str:
    return reverse("cases:case", args=[case.pk])


def _kinds(case: Any) -> str:
    running = {enrolment.kind for enrolment in case.running_enrolments}
    return capfirst(", ".join(str(kind.label) for kind in Enrolment.Kind if kind in running))


def _row(case: Any) -> Row:
    return Row(
        number=case.number,
        url=_url(case),
        name=case.person.display_name or UNNAMED,
        born=born(case.person),
        kinds=_kinds(case),
        status=case.get_status_display(),
        status_kind=case.status_kind,
        urgency=codelists.get("urgency").label(case.urgency),
        is_urgent=case.urgency != "routine",
        opened=_day(case.opened_on),
        last_step=_day(case.stepped_at or case.created_at),
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


def _day(moment: date | datetime) -> str:
    day = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return date_format(day, "SHORT_DATE_FORMAT")
