"""The statements and pages by which the second wall is measured: those that people wait for every day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse

from cases import caseload
from cases.models import Case, Consent, Note, Person
from referrals import inbox
from tests.benches.seed import Seeded
from victimcare import acting
from victimcare.models import Step, User
from victimcare.paging import SIZE

LISTS = ("caseload", "inbox")


@dataclass(frozen=True)
class Question:
    """A statement with its values in it, who asks, and the case within which they do, as on its page."""

    name: str
    user: User
    sql: str
    within: Any = None


def of(made: Seeded) -> list[Question]:
    worker, provider = made.users["200"], made.users["provider"]
    case = Case.objects.get(pk=made.pk("case"))
    asked: list[tuple[str, User, Callable[[], Any]]] = [
        *(
            (f"caseload, {count} grants", made.users[count], _caseload(made.users[count]))
            for count in ("200", "30", "0")
        ),
        ("caseload, a supervisor's", made.users["supervisor"], _caseload(made.users["supervisor"])),
        ("case by id", worker, lambda: Case.objects.visible_to(worker).filter(pk=case.pk)),
        ("case by id, no filter", worker, lambda: Case.objects.filter(pk=case.pk)),
        ("notes of a case", worker, lambda: Note.objects.filter(case=case)),
        ("history of a case", worker, lambda: case.history.all()),
        ("person by id", worker, lambda: Person.objects.filter(pk=case.person_id)),
        ("consents of a case", worker, lambda: Consent.objects.filter(case=case)),
        ("steps of a case", worker, lambda: Step.objects.about(case)),
        ("inbox", provider, lambda: _page(inbox.shown_in("new", provider).with_sender(), inbox.ORDER)),
    ]
    return [
        Question(name, user, _sql(user, rows), None if name.startswith(LISTS) else case.pk)
        for name, user, rows in asked
    ]


def pages(made: Seeded) -> list[tuple[User, str, str]]:
    worker, case = made.users["200"], made.pk("case")
    return [
        (worker, "home", reverse("home")),
        (worker, "caseload", reverse("cases:caseload")),
        (worker, "case page", reverse("cases:case", args=[case])),
        (made.users["provider"], "inbox", reverse("referrals:inbox")),
    ]


def _caseload(user: User) -> Callable[[], Any]:
    return lambda: _page(
        caseload.ranked(Case.objects.visible_to(user).running().with_places(), user),
        caseload.ORDER,
    )


def _page(rows: Any, order: Any) -> Any:
    return rows.order_by(*order)[: SIZE + 1]


def _sql(user: User, rows: Callable[[], Any]) -> str:
    with acting.as_user(user), connection.cursor() as cursor:
        sql, params = rows().query.sql_with_params()
        text: str = cursor.cursor.mogrify(sql, params).decode()
        return text
