"""The breach worksheet: what could be read with an account between two times, and what really was shown.

What could be read follows from facts: assignments, memberships, consents. Each app tells of its own
records; all of it is asked as the job "audit", for an auditor who may see none of them: numbers,
organisations and dates only.
"""

import io
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from victimcare import acting, spreadsheets
from victimcare.models import Organization, User
from victimcare.models.logs import Action
from victimcare.reading import kinds_in_words
from victimcare.words import moment_words

SHOWN_BY = [Action.READ, Action.LIST, Action.SEARCH, Action.PRINT, Action.EXPORT]
SHOWN = """
WITH shown AS (
    SELECT subject_key_id, organization_id, at, kinds FROM victimcare_accessentry
    WHERE by_id = %(user)s AND at >= %(since)s AND at < %(until)s
    AND action = ANY(%(actions)s) AND subject_key_id IS NOT NULL
), kinds AS (
    SELECT subject_key_id, array_agg(DISTINCT kind) AS kinds
    FROM (SELECT DISTINCT subject_key_id, kinds FROM shown) one, unnest(one.kinds) kind
    GROUP BY subject_key_id
), counted AS (
    SELECT subject_key_id, min(organization_id::text)::uuid AS organization_id, count(*) AS times,
        min(at) AS first, max(at) AS last
    FROM shown GROUP BY subject_key_id
)
SELECT subject_key_id, organization_id, times, first, last, coalesce(kinds.kinds, '{}')
FROM counted LEFT JOIN kinds USING (subject_key_id)
"""
ONLY_IN_THE_LOG = _("only in the log: look into it")


@dataclass(frozen=True, slots=True)
class Readable:
    """Records about one person that an account could read: a case, a packet, an application, and why."""

    reference: str
    organization_id: UUID
    why: str | Promise
    kinds: Collection[str]
    subject_keys: tuple[UUID, ...]


@dataclass(slots=True)
class Shown:
    """How often something about one person was shown."""

    organization_id: UUID | None = None
    times: int = 0
    first: datetime | None = None
    last: datetime | None = None
    kinds: set[str] = field(default_factory=set)

    def add(self, other: "Shown") -> None:
        self.times += other.times
        self.first = min(filter(None, (self.first, other.first)), default=None)
        self.last = max(filter(None, (self.last, other.last)), default=None)
        self.kinds |= other.kinds


@dataclass(slots=True)
class Row:
    """One line of the worksheet."""

    reference: str
    organization_id: UUID | None
    why: list[str]
    kinds: set[str]
    shown: Shown
    organization: str = ""


Provider = Callable[[User, datetime, datetime], Iterable[Readable]]
_providers: list[Provider] = []


def add_readable(provider: Provider) -> None:
    _providers.append(provider)


def rows(
    account: User, since: datetime, until: datetime, *, states: Collection[str] | None = None
) -> list[Row]:
    """What was shown most comes first. Of `states` only, those that the reader audits; None: of all."""
    with acting.as_job("audit"):
        readable = [one for provider in _providers for one in provider(account, since, until)]
        shown = _shown(account, since, until)
        places = dict(_organizations(states))
    found = _merged(readable, shown)
    for row in found:
        row.organization = places.get(row.organization_id, "")
    named = [row for row in found if states is None or row.organization_id in places]
    return sorted(named, key=lambda row: (-row.shown.times, row.organization, row.reference))


def _shown(account: User, since: datetime, until: datetime) -> dict[UUID, Shown]:
    asked: dict[str, Any] = {
        "user": account.pk,
        "since": since,
        "until": until,
        "actions": [str(one) for one in SHOWN_BY],
    }
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, asked)
        return {
            key: Shown(place, times, first, last, set(kinds))
            for key, place, times, first, last, kinds in cursor.fetchall()
        }


def _organizations(states: Collection[str] | None) -> Iterable[tuple[Any, str]]:
    found = Organization.objects.order_by("pk")
    if states is not None:
        found = found.filter(member_state__in=states)
    return found.values_list("pk", "name")


def _merged(readable: Iterable[Readable], shown: dict[UUID, Shown]) -> list[Row]:
    """A row a record, with every reason; then what was shown and no app knows a reason for."""
    by_record: dict[tuple[str, UUID], Row] = {}
    explained: set[UUID] = set()
    for one in readable:
        record = (one.reference, one.organization_id)
        if record not in by_record:
            by_record[record] = Row(one.reference, one.organization_id, [], set(), _sum(one, shown))
        by_record[record].why.append(str(one.why))
        by_record[record].kinds |= set(one.kinds)
        explained |= set(one.subject_keys)
    rest = (seen for key, seen in shown.items() if key not in explained)
    return [
        *by_record.values(),
        *(Row("", seen.organization_id, [str(ONLY_IN_THE_LOG)], set(), seen) for seen in rest),
    ]


def _sum(one: Readable, shown: dict[UUID, Shown]) -> Shown:
    total = Shown()
    for key in one.subject_keys:
        total.add(shown.get(key, Shown()))
    return total


def in_words(row: Row) -> dict[str, Any]:
    """For the page."""
    shown = row.shown
    return {
        "reference": row.reference,
        "organization": row.organization,
        "why": "; ".join(row.why),
        "kinds": kinds_in_words(row.kinds),
        "times": shown.times,
        "kinds_shown": kinds_in_words(shown.kinds),
        "first": _moment(shown.first),
        "last": _moment(shown.last),
    }


def _moment(moment: datetime | None) -> str:
    return moment_words(moment) if moment else ""


def as_csv(found: Iterable[Row]) -> str:
    """With a heading; times in UTC."""
    output = io.StringIO()
    heading = [
        gettext("Number"), gettext("Organisation"), gettext("Why readable"), gettext("Kinds readable"),
        gettext("Times shown"), gettext("Kinds shown"), gettext("First shown"), gettext("Last shown"),
    ]  # fmt: skip
    spreadsheets.write(output, [heading, *map(_cells, found)])
    return output.getvalue()


def _cells(row: Row) -> list[str]:
    shown = row.shown
    return [
        row.reference,
        row.organization,
        "; ".join(row.why),
        kinds_in_words(row.kinds),
        str(shown.times),
        kinds_in_words(shown.kinds),
        shown.first.isoformat(timespec="seconds") if shown.first else "",
        shown.last.isoformat(timespec="seconds") if shown.last else "",
    ]
