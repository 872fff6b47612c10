"""Who does what with cases.

A caseworker opens cases and works on those assigned to them, and sees no other. A supervisor sees the cases
of their own teams, assigns them and approves their closure; who asked for a closure never approves it. Nobody
else has a room here: an administrator reads no case.
"""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import models

from victimcare import access
from victimcare.access import UserGrant
from victimcare.models import Role, User

WORK = "work_on_case"

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.CASEWORKER: frozenset({"cases.work", "cases.open", "cases.ask_closure"}),
    Role.SUPERVISOR: frozenset(
        {
            "cases.work",
            "cases.supervise",
            "cases.open",
            "cases.assign",
            "cases.ask_closure",
            "cases.approve_closure",
        }
    ),
}

# A supervisor decides in their own teams only.
OF_THE_TEAM = frozenset({"cases.assign", "cases.approve_closure"})


def allows(user: User, permission: str, case: Any) -> bool:
    """The user holds the permission for this case: in its organisation, or in its team where a supervisor
    decides.
    """
    if permission in OF_THE_TEAM:
        return case.team_id in access.teams_with(user, permission)
    return access.can(user, permission, case.organization_id)


def require(user: User, permission: str, case: Any) -> None:
    """Raises PermissionDenied unless the user holds the permission for this case."""
    if not allows(user, permission, case):
        raise PermissionDenied


class CaseGrant(UserGrant):
    """One case opened to one user: the consequence of an assignment."""

    allowed: ClassVar[frozenset[str]] = frozenset({WORK})
    content_object = models.ForeignKey("cases.Case", models.CASCADE, related_name="grants")

    class Meta(UserGrant.Meta):
        app_label = "cases"
