"""What people are told of cases: the number and the way to it, as long as they may see it."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.access import REVIEW_EMERGENCIES, WATCH_EMERGENCIES
from cases.models import Assignment, Case, EmergencyAccess, Tie
from cases.ties import locked_cases
from victimcare import access, notifications
from victimcare.models import Membership, User
from victimcare.notifications.actions import tell

ASSIGNED = "cases.assigned"
EMERGENCY_OPENED = "cases.emergency_opened"
EMERGENCY_WIDENED = "cases.emergency_widened"
EMERGENCIES_STAND_OUT = "cases.emergencies_stand_out"
TIED = "cases.tied"


def register() -> None:
    sees, emergencies = Case.objects.visible_to, EmergencyAccess.objects.visible_to
    notifications.register(ASSIGNED, _("A case was assigned to you"), sees=sees, permission="cases.work")
    notifications.register(
        EMERGENCY_OPENED,
        _("A case was opened in an emergency"),
        sees=emergencies,
        permission=REVIEW_EMERGENCIES,
    )
    notifications.register(
        EMERGENCY_WIDENED,
        _("More of a case was opened in an emergency"),
        sees=emergencies,
        permission=REVIEW_EMERGENCIES,
    )
    notifications.register(
        EMERGENCIES_STAND_OUT,
        _("Somebody opens cases in emergencies strikingly often"),
        sees=emergencies,
        permission=REVIEW_EMERGENCIES,
    )
    notifications.register(
        TIED, _("A conflict of interest was recorded"), sees=sees, permission="cases.supervise"
    )


def assigned(assignment: Assignment) -> None:
    tell([assignment.user], ASSIGNED, reference=assignment.case.number, link=_page(assignment.case_id))


def emergency_opened(emergency: EmergencyAccess, *, team_id: UUID) -> None:
    """Who works on the case, who supervises it, and who watches over data protection, at once."""
    _tell_of(emergency, EMERGENCY_OPENED, [*_workers(emergency), *_reviewers(emergency, team_id)])


def emergency_widened(emergency: EmergencyAccess) -> None:
    team_id = emergency.case.team_id
    _tell_of(emergency, EMERGENCY_WIDENED, [*_workers(emergency), *_reviewers(emergency, team_id)])


def emergencies_stand_out(emergency: EmergencyAccess, *, team_id: UUID) -> None:
    _tell_of(emergency, EMERGENCIES_STAND_OUT, _reviewers(emergency, team_id))


def tied(tie: Tie, *, number: str, team_id: UUID) -> None:
    """The supervisors of the team, but who is tied."""
    told = _not_tied(tie.case_id, _supervisors(team_id))
    tell(told, TIED, reference=number, link=_page(tie.case_id))


def _not_tied(case_id: UUID, users: Iterable[User]) -> list[User]:
    """To whom the case is locked, not even its number is told."""
    return [user for user in users if case_id not in locked_cases(user)]


def _tell_of(emergency: EmergencyAccess, kind: str, users: Iterable[User]) -> None:
    link = reverse("cases:emergency_review", args=[emergency.pk])
    tell(_not_tied(emergency.case_id, users), kind, reference=emergency.number, link=link)


def _workers(emergency: EmergencyAccess) -> list[User]:
    found = Assignment.objects.filter(case=emergency.case_id, ended_at=None).select_related("user")
    return [one.user for one in found]


def _reviewers(emergency: EmergencyAccess, team_id: UUID) -> list[User]:
    roles = access.roles_with(WATCH_EMERGENCIES)
    watching = Membership.objects.active().filter(organization=emergency.organization_id, role__in=roles)
    return [*_supervisors(team_id), *(one.user for one in watching.select_related("user"))]


def _supervisors(team_id: UUID) -> list[User]:
    roles = access.roles_with("cases.supervise")
    found = Membership.objects.active().filter(team=team_id, role__in=roles)
    return [one.user for one in found.select_related("user")]


def _page(case_id: UUID) -> str:
    return reverse("cases:case", args=[case_id])
