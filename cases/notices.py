"""What people are told of cases: the number and the way to it, as long as they may see it."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import reads
from cases.access import REVIEW_EMERGENCIES, WATCH_EMERGENCIES
from cases.models import Assignment, Case, EmergencyAccess, Tie
from cases.ties import locked_cases
from victimcare import acting, notifications
from victimcare.models import User
from victimcare.notifications import recipients
from victimcare.notifications.actions import tell

ASSIGNED = "cases.assigned"
CLOSURE_ASKED = "cases.closure_asked"
CLOSURE_DECIDED = "cases.closure_decided"
RECORD_ASKED = "cases.record_asked"
CONSENT_ENDING = "cases.consent_ending"
EMERGENCY_OPENED = "cases.emergency_opened"
EMERGENCY_WIDENED = "cases.emergency_widened"
EMERGENCIES_STAND_OUT = "cases.emergencies_stand_out"
EMERGENCY_UNREVIEWED = "cases.emergency_unreviewed"
EMERGENCY_WITHOUT_REVIEWER = "cases.emergency_without_reviewer"
TIED = "cases.tied"

ENDING = "SELECT held_in, told_number, last_day, worker FROM app.consents_ending(%s) ORDER BY 3, 1, 4"


def register() -> None:
    for kind, label, permission in (
        (ASSIGNED, _("A case was assigned to you"), "cases.work"),
        (CLOSURE_ASKED, _("The closure of a case waits for a decision"), "cases.approve_closure"),
        (CLOSURE_DECIDED, _("The closure that you asked for was decided on"), "cases.ask_closure"),
        (CONSENT_ENDING, _("A consent ends soon"), "cases.work"),
        (TIED, _("A conflict of interest was recorded"), "cases.supervise"),
    ):
        notifications.register(
            kind, label, sees=Case.objects.visible_to, seen_among=reads.seen_among, permission=permission
        )
    for kind, label in (
        (EMERGENCY_OPENED, _("A case was opened in an emergency")),
        (EMERGENCY_WIDENED, _("More of a case was opened in an emergency")),
        (EMERGENCIES_STAND_OUT, _("Somebody opens cases in emergencies strikingly often")),
        (EMERGENCY_UNREVIEWED, _("An emergency access waits for its review since yesterday or longer")),
    ):
        sees = EmergencyAccess.objects.visible_to
        notifications.register(kind, label, sees=sees, permission=REVIEW_EMERGENCIES, fixed=True)
    notifications.register(
        EMERGENCY_WITHOUT_REVIEWER,
        _("A team has nobody who could review an emergency access: it needs another supervisor"),
        permission=REVIEW_EMERGENCIES,
        fixed=True,
    )
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
        for case_id, number, last_day, worker in _rows(ENDING, until):
            link = reverse("cases:case", args=[case_id])
            told = recipients.accounts([worker])
            tell(told, CONSENT_ENDING, reference=number, link=link, once=last_day.isoformat())


def emergency_opened(emergency: EmergencyAccess, *, team_id: UUID) -> None:
    """Who works on the case, who supervises it, and who watches over data protection, at once."""
    told = [*workers_of(emergency.case_id), *_reviewers(emergency, team_id)]
    _tell_of(emergency, EMERGENCY_OPENED, told)


def emergency_widened(emergency: EmergencyAccess) -> None:
    told = [*workers_of(emergency.case_id), *_reviewers(emergency, emergency.case.team_id)]
    _tell_of(emergency, EMERGENCY_WIDENED, told)


def emergencies_stand_out(emergency: EmergencyAccess, *, team_id: UUID) -> None:
    _tell_of(emergency, EMERGENCIES_STAND_OUT, _reviewers(emergency, team_id))


def emergencies_unreviewed(before: datetime) -> None:
    """Tell who reviews of what was opened before that and waits, once a day."""
    with acting.as_job("notices"):
        for row in _rows("SELECT * FROM app.emergencies_unreviewed(%s) ORDER BY 3, 1", before):
            _tell_of_unreviewed(*row)


def _tell_of_unreviewed(
    emergency: UUID, case_id: UUID, number: str, team: UUID, place: UUID, opener: UUID
) -> None:
    """Where nobody of the team may review it, the organisation's other supervisors are told that, and not of
    which case.
    """

    def others(users: Iterable[User]) -> list[User]:
        return [user for user in _not_tied(case_id, users) if user.pk != opener]

    today = timezone.localdate().isoformat()
    link, all_link = reverse("cases:emergency_review", args=[emergency]), reverse("cases:emergencies")
    leading = others(recipients.in_teams("cases.supervise", [team]))
    watching = others(recipients.in_organizations(WATCH_EMERGENCIES, [place]))
    tell([*leading, *watching], EMERGENCY_UNREVIEWED, reference=number, link=link, once=today)
    if not leading:
        elsewhere = others(recipients.in_organizations("cases.supervise", [place]))
        tell(elsewhere, EMERGENCY_WITHOUT_REVIEWER, reference="", link=all_link, once=today)


def told_of(case_id: UUID) -> tuple[str, UUID]:
    """Number and team of a case, for who tells of it and does not see it."""
    with acting.as_job("notices"):
        [(number, team)] = _rows("SELECT * FROM app.case_told_of(%s)", case_id)
        return number, team


def tied(tie: Tie, *, number: str, team_id: UUID) -> None:
    """The supervisors of the team, but who is tied."""
    told = _not_tied(tie.case_id, recipients.in_teams("cases.supervise", [team_id]))
    tell(told, TIED, reference=number, link=reverse("cases:case", args=[tie.case_id]))


def _rows(statement: str, asked: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [asked])
        return cursor.fetchall()


def _tell(users: list[User], kind: str, case: Case) -> None:
    told = _not_tied(case.pk, users)
    tell(told, kind, reference=case.number, link=reverse("cases:case", args=[case.pk]))


def _tell_of(emergency: EmergencyAccess, kind: str, users: Iterable[User]) -> None:
    link = reverse("cases:emergency_review", args=[emergency.pk])
    tell(_not_tied(emergency.case_id, users), kind, reference=emergency.number, link=link)


def _not_tied(case_id: UUID, users: Iterable[User]) -> list[User]:
    """To whom the case is locked, not even its number is told."""
    return [user for user in users if case_id not in locked_cases(user)]


def _reviewers(emergency: EmergencyAccess, team_id: UUID) -> list[User]:
    watching = recipients.in_organizations(WATCH_EMERGENCIES, [emergency.organization_id])
    return [*recipients.in_teams("cases.supervise", [team_id]), *watching]
