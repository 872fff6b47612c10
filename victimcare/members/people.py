"""Who works in the organisations that an administrator keeps."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from victimcare import access
from victimcare.models import Invitation, Membership, User
from victimcare.models.users import MembershipQuerySet
from victimcare.sign_in import rule
from victimcare.words import moment_words

ORDER = ("user__name", "pk")


def members_for(user: User) -> MembershipQuerySet:
    """Who works there now."""
    visible: MembershipQuerySet = Membership.objects.visible_to(user).active()
    kept = visible.filter(organization__in=access.organizations_with(user, access.KEEP_MEMBERS))
    return kept.select_related("user", "organization", "team")


def account_named(username: str) -> User | None:
    """Of any account that may sign in: an administrator who knows its name may add it."""
    return User.objects.filter(username=username.lower(), is_active=True).first()


def rows_of(members: list[Membership]) -> list[dict[str, Any]]:
    return [
        {
            "name": str(member.user),
            "username": member.user.username,
            "role": capfirst(member.get_role_display()),
            "team": member.team.name if member.team else "",
            "organization": member.organization.name,
            "since": date_format(timezone.localtime(member.started_at), "SHORT_DATE_FORMAT"),
            "is_disabled": not member.user.is_active,
            "account_url": reverse("members:account", args=[member.pk]),
            "end_url": reverse("members:end", args=[member.pk]),
        }
        for member in members
    ]


def facts_of(member: Membership) -> list[tuple[Any, str]]:
    facts = [
        (_("Name"), str(member.user)),
        (_("Role"), capfirst(member.get_role_display())),
        (_("Organisation"), member.organization.name),
    ]
    return facts + ([(_("Team"), member.team.name)] if member.team else [])


def account_of(member: Membership, by: User) -> dict[str, Any]:
    """What the page of an account says of it; of a second factor only whether there is one."""
    user = member.user
    invitation = _open_invitation(member, by)
    return {
        "member": member,
        "facts": [*facts_of(member), (_("User name"), user.username), (_("E-mail"), user.email)],
        "status": _status(user),
        "is_own": user == by,
        "is_disabled": not user.is_active,
        "has_factor": rule.has_one(user),
        "has_come_in": user.has_usable_password(),
        "invited_until": moment_words(invitation.expires_at) if invitation else "",
    }


def _open_invitation(member: Membership, by: User) -> Invitation | None:
    visible = Invitation.objects.visible_to(by).open()
    found = visible.filter(user=member.user_id, organization=member.organization_id)
    return found.order_by("-expires_at", "pk").first()


def _status(user: User) -> dict[str, Any]:
    if not user.is_active:
        return {"kind": "bad", "label": _("Disabled")}
    if not user.has_usable_password():
        return {"kind": "wait", "label": _("Invited, not signed in yet")}
    return {"kind": "good", "label": _("Can sign in")}


def panel(user: User) -> dict[str, Any]:
    """Of the home page: how many accounts have a role there."""
    members = members_for(user).order_by()
    return {"count": members.values("user_id").distinct().count()}
