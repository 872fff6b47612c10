"""Who works in the organisations that an administrator keeps."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from victimcare import access
from victimcare.models import Membership, User
from victimcare.models.users import MembershipQuerySet

ORDER = ("user__name", "pk")


def members_for(user: User) -> MembershipQuerySet:
    """Who works there now."""
    visible: MembershipQuerySet = Membership.objects.visible_to(user).active()
    kept = visible.filter(organization__in=access.organizations_with(user, access.KEEP_MEMBERS))
    return kept.select_related("user", "organization", "team")


def account_named(username: str) -> User | None:
    """Of any account that may sign in: an administrator who knows its name may add it."""
    return User.objects.filter(username=username, is_active=True).first()


def rows_of(members: list[Membership]) -> list[dict[str, Any]]:
    return [
        {
            "name": str(member.user),
            "username": member.user.username,
            "role": capfirst(member.get_role_display()),
            "team": member.team.name if member.team else "",
            "organization": member.organization.name,
            "since": date_format(timezone.localtime(member.started_at), "SHORT_DATE_FORMAT"),
            "end_url": reverse("members:end", args=[member.pk]),
        }
        for member in members
    ]


def panel(user: User) -> dict[str, Any]:
    """Of the home page: how many accounts have a role there."""
    members = members_for(user).order_by()
    return {"count": members.values("user_id").distinct().count()}
