"""Who works with cases where: whom a case may be given, and whom to ask."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from cases.models import Case
from cases.ties import locked_cases
from victimcare import access
from victimcare.models import Membership, Organization, Role, Team, User
from victimcare.prepared import Prepared, Uuids, among

TEAMS = Prepared(lambda teams: Team.objects.filter(among("pk", teams)), teams=Uuids)


def workers_of(teams: Iterable[UUID | str], user: User) -> list[User]:
    """The people who work with cases in these teams, as far as `user` may know of them; by name."""
    roles = [role for role in Role if "cases.work" in access.permissions_of(role)]
    members = (
        Membership.objects.visible_to(user)
        .active()
        .filter(team__in=list(teams), role__in=roles, user__is_active=True)
        .select_related("user")
    )
    return sorted({member.user for member in members}, key=lambda worker: (worker.name, worker.pk))


def cases_held(persons: Collection[UUID], places: Iterable[Organization], *, by: User) -> list[Case]:
    """The cases of these persons in `places`, the user's organisations, whoever's they are, but those that
    are locked to the user. The names of their teams are all that is ever said of them to a colleague who may
    not see them, so that they know whose supervisor to ask. The database gives their ids, organisation, team
    and key, and no more.
    """
    if not persons:
        return []
    found = Case.objects.raw("SELECT * FROM app.cases_held(%s)", [list(persons)])
    at = {place.pk: place for place in places}
    locked = locked_cases(by)
    held = [case for case in found if case.pk not in locked]
    teams = {team.pk: team for team in TEAMS(teams=[case.team_id for case in held])} if held else {}
    for case in held:
        case.organization, case.team = at[case.organization_id], teams[case.team_id]
    return held


def case_to_open(user: User, *, pk: Any = None, number: str = "") -> Case | None:
    """A case of the user's organisations, whoever's it is, for them to open in an emergency: its number,
    organisation, team and key, and no more. None if there is none, or it is locked to the user.
    """
    found = Case.objects.raw(
        "SELECT * FROM app.cases_to_open(%s::uuid[], %s::text[])",
        [[pk] if pk else [], [number] if number else []],
    )
    locked = locked_cases(user)
    return next((case for case in found if case.pk not in locked), None)


def cases_of_state(persons: Iterable[UUID]) -> list[Case]:
    """The cases of these persons at other organisations of a state with one register: for a request to their
    owners. The database gives their ids, organisation, team and key, and no more.
    """
    return list(
        Case.objects.raw("SELECT * FROM app.cases_of_state(%s)", [list(persons)]).prefetch_related(
            "organization"
        )
    )
