"""Who does what with cases, and which kinds of data they are shown.

A caseworker opens cases and works on those assigned to them, and sees no other. A supervisor sees the cases
of their own teams, assigns them and approves their closure; who asked for a closure never approves it. Who
works on a case asks for its person to be erased; a supervisor of the team who did not ask approves that, or
sets a legal hold, which forbids it. Nobody else has a room here: an administrator reads no case.

Whoever sees a case sees all of it but the counselling notes. Those are read and written by who counsels in
the case: who opened it for themselves, and to whom a supervisor gave it for that, until it is taken back. A
supervisor reads them only where they counsel themselves.

Emergency access opens one case for hours: first the minimum, in a second step the rest, and never its
counselling notes. Somebody else reviews it: a supervisor of the case's team, or the data-protection officer,
who reads no case.

A conflict of interest comes before all of this: a case that is locked to somebody does not exist for them,
whatever they are to it, and they do nothing with it.
"""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import models

from cases.ties import locked_cases
from victimcare import access
from victimcare.access import Shown, UserGrant
from victimcare.kinds import DataKind
from victimcare.models import Role, User

WORK = "work_on_case"
COUNSEL = "read_counselling"
EMERGENCY = "emergency_access"
EMERGENCY_MINIMUM = "emergency_minimum"
OPEN_IN_EMERGENCY = "cases.open_in_emergency"
REVIEW_EMERGENCIES = "cases.review_emergencies"
WATCH_EMERGENCIES = "cases.watch_emergencies"
LOCK = "cases.lock"

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.CASEWORKER: frozenset(
        {"cases.work", "cases.open", "cases.ask_closure", "cases.ask_erasure", OPEN_IN_EMERGENCY}
    ),
    Role.SUPERVISOR: frozenset(
        {
            "cases.work",
            "cases.supervise",
            "cases.open",
            "cases.assign",
            "cases.ask_closure",
            "cases.approve_closure",
            "cases.ask_erasure",
            "cases.approve_erasure",
            "cases.legal_hold",
            OPEN_IN_EMERGENCY,
            REVIEW_EMERGENCIES,
            LOCK,
        }
    ),
    # Of all teams of the organisation; no case comes with it.
    Role.PRIVACY: frozenset({REVIEW_EMERGENCIES, WATCH_EMERGENCIES}),
}

# A supervisor decides in their own teams only.
OF_THE_TEAM = frozenset(
    {"cases.assign", "cases.approve_closure", "cases.approve_erasure", "cases.legal_hold", LOCK}
)

_ALL_BUT_COUNSELLING = frozenset(DataKind) - {DataKind.COUNSELLING}

# By role, by grant and by emergency access; each only in an organisation where the user works with cases.
KINDS: dict[str, Shown] = {
    Role.SUPERVISOR: Shown("the cases of their own teams", _ALL_BUT_COUNSELLING),
    WORK: Shown("a case that is assigned to them, until the assignment ends", _ALL_BUT_COUNSELLING),
    COUNSEL: Shown(
        "a case in which they counsel as well, until that ends", frozenset({DataKind.COUNSELLING})
    ),
    EMERGENCY_MINIMUM: Shown(
        "one case, for at most 24 hours",
        frozenset({DataKind.IDENTITY, DataKind.CONTACT, DataKind.RISK}),
    ),
    EMERGENCY: Shown("the same case, once they said why the minimum is not enough", _ALL_BUT_COUNSELLING),
}


def allows(user: User, permission: str, case: Any) -> bool:
    """The user holds the permission for this case: in its organisation, or in its team where a supervisor
    decides. Of a case that is locked to them, none.
    """
    if case.pk in locked_cases(user):
        return False
    if permission in OF_THE_TEAM:
        return case.team_id in access.teams_with(user, permission)
    return access.can(user, permission, case.organization_id)


def require(user: User, permission: str, case: Any) -> None:
    """Raises PermissionDenied unless the user holds the permission for this case."""
    if not allows(user, permission, case):
        raise PermissionDenied


def kinds_shown(user: User, case: Any) -> frozenset[DataKind]:
    """The kinds of data of this case that the user is shown now; none to whom the case does not exist."""
    if not allows(user, "cases.work", case):
        return frozenset()
    grounds = _grounds(user, case)
    # Counselling is something that is done in a case that one sees, not a way to it.
    return frozenset().union(*(KINDS[one].kinds for one in grounds)) if grounds - {COUNSEL} else frozenset()


def _grounds(user: User, case: Any) -> set[str]:
    held = getattr(case, "granted", None)  # of a case that its page read
    found: set[str] = access.granted_on(CaseGrant, user, case) if held is None else set(held)
    if case.team_id in access.teams_with(user, "cases.supervise"):
        found.add(Role.SUPERVISOR)
    if any(KINDS[one].kinds >= KINDS[EMERGENCY].kinds for one in found):
        return found  # an emergency would show no more
    for emergency in case.emergencies.running().filter(user=user):
        found.add(EMERGENCY if emergency.is_whole else EMERGENCY_MINIMUM)
    return found


def may_counsel(user: User, case: Any) -> bool:
    """The user reads and writes this case's counselling notes."""
    return DataKind.COUNSELLING in kinds_shown(user, case)


def require_counsel(user: User, case: Any) -> None:
    """Raises PermissionDenied unless the user counsels in this case."""
    if not may_counsel(user, case):
        raise PermissionDenied


def may_see_documents(user: User, case: Any) -> bool:
    """The user is shown this case's documents, and may add to them."""
    return DataKind.DOCUMENTS in kinds_shown(user, case)


def require_documents(user: User, case: Any) -> None:
    """Raises PermissionDenied unless documents of this case are shown to the user."""
    if not may_see_documents(user, case):
        raise PermissionDenied


class CaseGrant(UserGrant):
    """One case opened to one user: the consequence of an assignment."""

    allowed: ClassVar[frozenset[str]] = frozenset({WORK, COUNSEL})
    content_object = models.ForeignKey("cases.Case", models.CASCADE, related_name="grants")

    class Meta(UserGrant.Meta):
        app_label = "cases"
