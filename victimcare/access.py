"""Who may do what: roles give permissions, memberships are the facts behind them, grants open single records.

Rules for all of it (design section 3): unknown to you is 404, visible but not allowed is 403, and nobody is
above the rules. This is the only module that knows guardian.

Here stand the permissions that belong to no other app: who reads the access log, and who keeps the members
of an organisation. Neither shows anything of a person; the pages of the other apps say what theirs show.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from victimcare.kinds import DataKind
from victimcare.models import Location, Membership, Organization, Role, Tier, User
from victimcare.planned import Statement
from victimcare.prepared import Prepared, Texts, among

KEEP_MEMBERS = "victimcare.keep_members"
KEEP_REGISTER = "victimcare.keep_register"
KEEP_WORK = "victimcare.keep_work"

VICTIMCARE_PERMISSIONS: dict[Role, frozenset[str]] = {
    # What the people of their teams did, and no more.
    Role.SUPERVISOR: frozenset({"victimcare.read_access_log", "victimcare.watch_team"}),
    # The whole log of the member state, which names no person.
    Role.AUDITOR: frozenset({"victimcare.read_access_log", "victimcare.audit"}),
    # Who works where in their own organisation, and whether the installation does its work by itself; nothing
    # about a person who is served.
    Role.ADMIN: frozenset({KEEP_MEMBERS, KEEP_WORK}),
    # Whether the law of their member state has one register of persons; no person in it.
    Role.COORDINATOR: frozenset({KEEP_REGISTER}),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Which kinds of data a role or a grant is shown, and of what, in the words of docs/access.md."""

    of: str
    kinds: frozenset[DataKind]


MEMBERSHIPS = Prepared(
    lambda user, now: (
        Membership.objects.active(now)
        .filter(user_id=user)
        .select_related("organization__member_state", "team")
        .order_by("started_at", "pk")
    ),
    user=UUID, now=datetime,
)  # fmt: skip

GRANTED = Prepared(
    lambda app, model, codenames: (
        Permission.objects.filter(
            among("codename", codenames, Texts), content_type__app_label=app, content_type__model=model
        ).order_by("pk")
    ),
    app=str, model=str, codenames=Texts,
)  # fmt: skip

_permissions: dict[Role, set[str]] = defaultdict(set)
_kinds: list[tuple[str, Shown]] = []


def register(permissions: dict[Role, frozenset[str]], kinds: Mapping[str, Shown] | None = None) -> None:
    """An app's page of roles, told once in its `apps.py`: what each may do, and what each is shown."""
    for role, names in permissions.items():
        _permissions[role] |= names
    _kinds.extend((kinds or {}).items())


def permissions_of(role: Role) -> frozenset[str]:
    return frozenset(_permissions[role])


def roles_with(permission: str) -> list[Role]:
    return [role for role in Role if permission in _permissions[role]]


def kinds_table() -> list[tuple[str, Shown]]:
    """Every role or grant, with what it is shown: all pages of roles put together."""
    return list(_kinds)


def memberships(user: User) -> list[Membership]:
    """The user's memberships that hold now. Read once a request: the request's user object remembers them."""
    if not user.is_authenticated or not user.is_active:
        return []
    if not hasattr(user, "_active_memberships"):
        user._active_memberships = _read(user)  # type: ignore[attr-defined]  # remembered on this instance only
    found: list[Membership] = user._active_memberships  # type: ignore[attr-defined]  # set above
    return found


def _read(user: User) -> list[Membership]:
    """Each with its organisation, and the same one with its team."""
    found = MEMBERSHIPS(user=user.pk, now=timezone.now())
    for one in found:
        if one.team and one.team.organization_id == one.organization_id:
            one.team.organization = one.organization
    return found


def workplace(user: User) -> Organization | None:
    """Where the user works: of several places the one where they began first."""
    return next((one.organization for one in memberships(user)), None)


def memberships_with(user: User, permission: str) -> list[Membership]:
    return [one for one in memberships(user) if permission in _permissions[Role(one.role)]]


def has(user: User, permission: str) -> bool:
    """The user holds `permission` somewhere: enough for a menu or an empty room, never for a record."""
    return bool(memberships_with(user, permission))


def organizations_with(user: User, permission: str) -> set[UUID]:
    return {one.organization_id for one in memberships_with(user, permission)}


def workplaces(user: User, permission: str) -> list[Organization]:
    """The same organisations, as they were read with the memberships."""
    return list(
        {one.organization_id: one.organization for one in memberships_with(user, permission)}.values()
    )


def teams_with(user: User, permission: str) -> set[UUID]:
    return {one.team_id for one in memberships_with(user, permission) if one.team_id}


def states_with(user: User, permission: str) -> set[str]:
    return {one.organization.member_state_id for one in memberships_with(user, permission)}


def can(user: User, permission: str, organization_id: UUID) -> bool:
    """The user holds `permission` in that organisation.

    Whether the record is visible is asked before, not here.
    """
    return organization_id in organizations_with(user, permission)


def require(user: User, permission: str, organization_id: UUID | None = None) -> None:
    """Raises PermissionDenied unless the user holds the permission (in the organisation, if one is named)."""
    allowed = has(user, permission) if organization_id is None else can(user, permission, organization_id)
    if not allowed:
        raise PermissionDenied


def may_read_address(user: User, location: Location) -> bool:
    """A public address is for everybody signed in; a partner's for those who may refer; a confidential one
    only for
    the organisation's own members, who tell the person themselves.
    """
    if any(one.organization_id == location.organization_id for one in memberships(user)):
        return True
    if location.tier == Tier.PUBLIC:
        return True
    return location.tier == Tier.PARTNER and has(user, "referrals.send")


# -- Grants: one user, one record, as a consequence of a fact ------------------------------------------------


class UserGrant(UserObjectPermissionBase):
    """Base of an app's grants on one model: a foreign key `content_object` to a record, whose id is a UUID,
    and the codenames it allows.
    """

    allowed: ClassVar[frozenset[str]]

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True


def grant(grants: type[UserGrant], user: User, codenames: Collection[str], obj: models.Model) -> None:
    """Open one record to one user; what is open already stays so.

    Written only by actions, as a consequence of a fact such as an assignment.
    """
    found = [one.pk for one in _permissions_of(grants, codenames)]
    _opening(grants).run({"permissions": found, "user": user.pk, "object": obj.pk})


@cache
def _opening(grants: type[UserGrant]) -> Statement:
    """However many grants of one user on one record. Planned once a connection, since every new case opens
    some (1.4 to 0.3 ms).
    """
    return Statement(
        f'INSERT INTO "{grants._meta.db_table}" (permission_id, user_id, content_object_id)'
        " SELECT unnest(%s::int[]), %s::uuid, %s::uuid ON CONFLICT DO NOTHING",
        [(name, None) for name in ("permissions", "user", "object")],
    )


def withdraw(grants: type[UserGrant], user: User, codenames: Collection[str], obj: models.Model) -> None:
    """Close it again, with the fact that opened it."""
    models.QuerySet(grants).filter(
        user=user, permission__in=_permissions_of(grants, codenames), content_object=obj
    ).delete()


def granted(grants: type[UserGrant], user: UUID, codename: str) -> models.QuerySet[Any]:
    """The ids of the records opened to this user, as a query to filter by."""
    return (
        models.QuerySet(grants)
        .filter(user_id=user, permission__codename=codename)
        .values("content_object_id")
    )


def codenames(grants: type[UserGrant], user: UUID) -> models.QuerySet[Any]:
    """The codenames of what is granted to this user, as a query to narrow to one record."""
    return models.QuerySet(grants).filter(user_id=user).values("permission__codename")


def granted_on(grants: type[UserGrant], user: User, obj: models.Model) -> set[str]:
    """The codenames that one record is opened to the user with."""
    held: models.QuerySet[Any] = models.QuerySet(grants).filter(user_id=user.pk, content_object_id=obj.pk)
    return set(held.values_list("permission__codename", flat=True))


def _permissions_of(grants: type[UserGrant], codenames: Collection[str]) -> list[Permission]:
    if unknown := set(codenames) - grants.allowed:
        raise ValueError(f"{', '.join(sorted(unknown))}: not a grant of {grants._meta.label}.")
    target = grants._meta.get_field("content_object").related_model._meta
    found = GRANTED(app=target.app_label, model=target.model_name, codenames=sorted(codenames))
    if len(found) < len(codenames):
        raise Permission.DoesNotExist(f"{', '.join(sorted(codenames))} of {target.label}")
    return found
