"""Whom to tell: read as the job that tells, since whoever causes it may not know where others work."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from victimcare import access, acting
from victimcare.models import Membership, User


def in_organizations(permission: str, organizations: Collection[UUID]) -> list[User]:
    """Who holds the permission there today."""
    return _holding(permission, organization__in=organizations)


def in_teams(permission: str, teams: Collection[UUID]) -> list[User]:
    return _holding(permission, team__in=teams)


def accounts(ids: Collection[UUID]) -> list[User]:
    return list(User.objects.filter(pk__in=ids, is_active=True).order_by("pk"))


def _holding(permission: str, **places: Any) -> list[User]:
    with acting.as_job("notices"):
        held = Membership.objects.active().filter(
            role__in=access.roles_with(permission), retired_at=None, **places
        )
        return accounts(list(held.values_list("user_id", flat=True)))
