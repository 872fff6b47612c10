"""What people are told of cases: the number and the way to it, as long as they may see it."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Assignment, Case
from victimcare import acting, notifications
from victimcare.models import User
from victimcare.notifications import recipients
from victimcare.notifications.actions import tell

ASSIGNED = "cases.assigned"
CLOSURE_ASKED = "cases.closure_asked"
CLOSURE_DECIDED = "cases.closure_decided"
RECORD_ASKED = "cases.record_asked"
CONSENT_ENDING = "cases.consent_ending"


def register() -> None:
    for kind, label, permission in (
        (ASSIGNED, _("A case was assigned to you"), "cases.work"),
        (CLOSURE_ASKED, _("The closure of a case waits for a decision"), "cases.approve_closure"),
        (CLOSURE_DECIDED, _("The closure that you asked for was decided on"), "cases.ask_closure"),
        (CONSENT_ENDING, _("A consent ends soon"), "cases.work"),
    ):
        notifications.register(kind, label, sees=Case.objects.visible_to, permission=permission)
    notifications.register(
        RECORD_ASKED, _("Another organisation asks about a record"), permission="cases.supervise"
    )


def assigned(assignment: Assignment) -> None:
    _tell([assignment.user], ASSIGNED, assignment.case)


def closure_asked(case: Case) -> None:
    _tell(recipients.in_teams("cases.approve_closure", [case.team_id]), CLOSURE_ASKED, case)


def closure_decided(case: Case, asked_by: User | None) -> None:
    _tell([asked_by] if asked_by else [], CLOSURE_DECIDED, case)


def record_asked(teams: Collection[UUID]) -> None:
    """The supervisors of the teams that are asked, once a day. Without a number: the page says which case."""
    told, today = recipients.in_teams("cases.supervise", teams), timezone.localdate().isoformat()
    tell(told, RECORD_ASKED, reference="", link=reverse("cases:requests"), once=today)


def workers_of(case_id: UUID) -> list[User]:
    """Who works on a case, for who tells them and may not see it: a receiver, or time."""
    with acting.as_job("notices"), connection.cursor() as cursor:
        cursor.execute("SELECT app.workers_of_case(%s)", [case_id])
        return recipients.accounts([worker for (worker,) in cursor.fetchall()])


def consents_ending(until: date) -> None:
    """Tell who works on them of consents that end by that day, each once."""
    with acting.as_job("notices"):
        for case_id, number, last_day, worker in _ending(until):
            link = reverse("cases:case", args=[case_id])
            told = recipients.accounts([worker])
            tell(told, CONSENT_ENDING, reference=number, link=link, once=last_day.isoformat())


def _ending(until: date) -> list[tuple[UUID, str, date, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT held_in, told_number, last_day, worker FROM app.consents_ending(%s) ORDER BY 3, 1, 4",
            [until],
        )
        return cursor.fetchall()


def _tell(users: list[User], kind: str, case: Case) -> None:
    tell(users, kind, reference=case.number, link=reverse("cases:case", args=[case.pk]))
