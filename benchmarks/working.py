"""What one of the processes that load does: a batch of cases, or of providers, in one transaction."""

import gc
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import django

django.setup()

from django.contrib.auth.models import Permission  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from benchmarks import cases, certificates, details, log, people, plan, providers, referrals  # noqa: E402
from benchmarks.cases import One, Register  # noqa: E402
from benchmarks.copying import Tables  # noqa: E402
from benchmarks.pens import Keys, Pen  # noqa: E402
from benchmarks.plan import STATE, Plan, uid  # noqa: E402
from cases import clues, names  # noqa: E402
from cases.access import COUNSEL, WORK  # noqa: E402
from victimcare.encryption import keyring  # noqa: E402
from victimcare.models import MemberState  # noqa: E402

AT_ONCE = {"providers": 10, "teams": 50, "bodies": 1, "cases": 500}
# All that the product has of places, people and cases; not what its migrations fill.
FILLED = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
   AND (relname LIKE 'cases\\_%%' OR relname LIKE 'referrals\\_%%' OR relname LIKE 'certification\\_%%'
        OR relname = ANY (%s))
 ORDER BY relname
"""
SHARED = [
    f"victimcare_{name}" for name in (
        "organization", "team", "user", "membership", "subjectkey", "organizationkey", "location",
        "historicallocation", "step", "accessentry", "notification",
    )
]  # fmt: skip


class Task(NamedTuple):
    kind: str
    begin: int
    end: int


@dataclass
class Bench:
    """What a process keeps from one batch to the next."""

    plan: Plan
    book: Register
    grants: dict[str, int]
    # Of the certifying bodies' own keys.
    bodies: list[Pen]
    log: log.Log


_bench: list[Bench] = []


def filled(cursor: Any) -> list[str]:
    cursor.execute(FILLED, [SHARED])
    return [name for (name,) in cursor.fetchall()]


def tasks(made: Plan) -> list[Task]:
    """Those of providers first: they take the longest."""
    counts = {"providers": made.providers, "teams": made.teams, "bodies": made.bodies, "cases": made.cases}
    return [
        Task(kind, begin, min(begin + AT_ONCE[kind], count))
        for kind, count in counts.items()
        for begin in range(0, count, AT_ONCE[kind])
    ]


def _remember() -> None:
    """The same names and telephones are asked for again and again: the product's answers are kept here."""
    names._all_words = lru_cache(maxsize=50000)(names._all_words)
    clues._e164 = lru_cache(maxsize=8)(clues._e164)


def begin(made: Plan) -> None:
    """Once a process. The keys of organisations are read while their table is small: it has no index now."""
    _remember()
    # A batch makes no circles, and half a million objects that would be looked through again and again.
    gc.disable()
    with connection.cursor() as cursor, keyring.held(), transaction.atomic():
        tables = Tables(cursor)
        state_key = keyring.current_state_key(MemberState.objects.get(code=STATE))
        book = Register(made, tables, Keys(tables, state_key), people.names(made.names_folder))
        for agency in range(made.agencies):
            book.keys_of(uid("agency", agency))
        bodies = [_pen_of_body(body) for body in range(made.bodies)]
    allowed = Permission.objects.filter(codename__in=(WORK, COUNSEL))
    found = allowed.values_list("codename", "pk")
    _bench[:] = [Bench(made, book, dict(found), bodies, log.Log(book))]


def _pen_of_body(body: int) -> Pen:
    key_id = uid("own key", f"body {body}")
    return Pen(key_id, keyring.open_key(UUID(key_id)))


def write(task: Task) -> list[log.Line]:
    """Returns the lines of the access log, to be sealed."""
    [bench] = _bench
    with transaction.atomic(), connection.cursor() as cursor:
        for number in range(task.begin, task.end):
            WRITERS[task.kind](bench, number)
        bench.book.tables.copy(cursor)
    return bench.log.taken()


def _write_case(bench: Bench, number: int) -> None:
    book = bench.book
    one = One(bench.plan, number, book.names)
    pen = book.keys.new(uid("key", number), one.organization, one.opened_at)
    cases.write_person(book, one, pen)
    cases.write_case(book, one, pen.key_id)
    cases.write_workers(book, one, pen.key_id, bench.grants)
    cases.write_enrolments(book, one, pen.key_id)
    details.write_details(book, one, pen)
    referrals.write_referrals(book, one, pen)
    bench.log.write(one, pen.key_id)


def _write_provider(bench: Bench, number: int) -> None:
    providers.write_provider(bench.book, number, bench.bodies[number % bench.plan.bodies])


def _write_practitioners(bench: Bench, team: int) -> None:
    """Of an agency's team: they learn, and are certified."""
    for person in plan.PRACTITIONERS:
        which = team * plan.PEOPLE + person
        status = certificates.STATES[which % len(certificates.STATES)]
        certificates.write_practitioner(
            bench.book, f"team {which}", plan.user(team, person), team % bench.plan.bodies, status,
            2 * which + 1,
        )  # fmt: skip


def _write_line(bench: Bench, body: int) -> None:
    certificates.write_line(bench.book, body)


WRITERS = {
    "cases": _write_case,
    "providers": _write_provider,
    "teams": _write_practitioners,
    "bodies": _write_line,
}
