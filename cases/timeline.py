"""The story of a case, newest first, told by several sources. Other parts of the product add theirs in
`apps.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases import reads
from cases.models import Case
from victimcare import codelists
from victimcare.kinds import DataKind
from victimcare.models import User
from victimcare.words import moment_words


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `icon` is one of the design system's timeline icons; `url` leads to what the line tells of.

    `detail` is small print below it; `kinds` are the kinds of data that the line tells, for the access log.
    What is told here was shown to this user anyway: a source asks `visible_to`.
    """

    at: datetime
    who: str
    text: str | Promise
    icon: str = ""
    url: str = ""
    detail: str | Promise = ""
    kinds: frozenset[DataKind] = frozenset()


Source = Callable[[Case, User], Iterable[Entry]]

_sources: list[Source] = []


def add_source(source: Source) -> None:
    _sources.append(source)


def entries_for(case: Case, user: User) -> list[Entry]:
    told = chain.from_iterable(source(case, user) for source in _sources)
    return sorted(told, key=lambda entry: entry.at, reverse=True)


def shown(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """For the timeline part of the design system, dates already in words."""
    return [
        {
            "at": moment_words(entry.at),
            "who": entry.who,
            "text": entry.text,
            "icon": entry.icon,
            "url": entry.url,
            "detail": entry.detail,
        }
        for entry in entries
    ]


# -- What every case tells of itself -------------------------------------------------------------------------

STEPS: dict[str, tuple[Promise, str]] = {
    "open": (_("Work on the case began"), "case"),
    "hold": (_("Put on hold"), "stop"),
    "resume": (_("Work goes on"), "case"),
    "ask_closure": (_("Closure asked for"), "lock"),
    "refuse_closure": (_("Closure not approved"), "stop"),
    "approve_closure": (_("Closure approved"), "done"),
    "reopen": (_("Opened again"), "case"),
    "urgency": (_("Urgency changed"), ""),
    "ask_erasure": (_("Erasure asked for"), "lock"),
    "refuse_erasure": (_("Erasure not approved"), "stop"),
    "legal_hold": (_("Legal hold set"), "lock"),
    "lift_legal_hold": (_("Legal hold lifted"), ""),
    "move": (_("Given to another team"), "case"),
}


def steps(case: Case, user: User) -> Iterable[Entry]:
    for step in reads.steps(case):
        text, icon = STEPS[step.verb]
        detail = codelists.get("urgency").label(step.reason) if step.verb == "urgency" else ""
        yield Entry(step.at, str(step.by or ""), text, icon, detail=detail)


def beginning(case: Case, user: User) -> Iterable[Entry]:
    yield Entry(case.created_at, str(case.created_by or ""), _("Case recorded"), "case")


def assignments(case: Case, user: User) -> Iterable[Entry]:
    for one in case.told_assignments:
        who = {"worker": one.user}
        yield Entry(one.started_at, str(one.created_by or ""), gettext("%(worker)s works on it") % who)
        if one.ended_at:
            ended = gettext("%(worker)s does not work on it any more") % who
            yield Entry(one.ended_at, str(one.ended_by), ended, "stop")


def counselling(case: Case, user: User) -> Iterable[Entry]:
    """To whom the counselling notes were opened or closed while they worked on the case, and by whom."""
    before: dict[Any, bool] = {}
    for row in reads.assignment_history(case):
        if row.counsels != before.get(row.id, False):
            opened = gettext("%(worker)s may read and write counselling notes")
            closed = gettext("%(worker)s does not read counselling notes any more")
            text = (opened if row.counsels else closed) % {"worker": row.user}
            yield Entry(row.history_date, str(row.history_user or ""), text, "lock")
        before[row.id] = row.counsels
