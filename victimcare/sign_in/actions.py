"""What is done to an account: invited, disabled, enabled, its second factor taken away, its sessions ended.

An administrator does it to accounts that work in their own organisations and nowhere else; the server's
operator (`manage.py account`, `by=None`) to any. Each is a line of the access log.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from victimcare import acting, actions, audit, records
from victimcare.models import Invitation, Membership, Organization, Role, Session, Team, User
from victimcare.models.logs import Action
from victimcare.sign_in import letters, sessions

VALID_FOR = timedelta(hours=72)
TOKEN_BYTES = 32

# The address of a link, made of its token.
Address = Callable[[str], str]


class NotYourself(ValidationError):
    """Who locks themselves out has to ask another administrator anyway."""

    def __init__(self) -> None:
        super().__init__(
            _("This is your own account. Another administrator has to do this."), code="not_yourself"
        )


class WorksElsewhere(ValidationError):
    """What is done to an account holds everywhere: one organisation does not decide it for another."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This person works in another organisation too. End the membership here; who runs the server"
                " can do the rest."
            ),
            code="works_elsewhere",
        )


class NameTaken(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            {
                "username": ValidationError(
                    _("There is an account with this user name already. Add it, or choose another name."),
                    code="name_taken",
                )
            }
        )


class HasComeIn(ValidationError):
    """The account has a password: a link would open it past its owner."""

    def __init__(self) -> None:
        super().__init__(_("This person has set a password already."), code="has_come_in")


class LinkOver(Exception):
    """It was used, withdrawn, or is too old."""


@transaction.atomic
def disable_account(user: User, *, by: User | None) -> User:
    """Nobody signs in with it any more, and what is open ends at once. It withdraws nothing else: ending a
    membership does. Raises PermissionDenied, NotYourself, WorksElsewhere.
    """
    account = _locked(user, by)
    account.is_active = False
    account.save(update_fields=["is_active"])
    sessions.end_all(account)
    _log(account, by)
    return account


@transaction.atomic
def enable_account(user: User, *, by: User | None) -> User:
    """As it was before. Raises PermissionDenied, NotYourself, WorksElsewhere."""
    account = _locked(user, by)
    account.is_active = True
    account.save(update_fields=["is_active"])
    _log(account, by)
    return account


@transaction.atomic
def reset_factor(user: User, *, by: User | None) -> User:
    """Somebody lost their second factor, and its recovery codes: the password then leads to the set-up of
    another, and its owner is told. Raises PermissionDenied, NotYourself, WorksElsewhere.
    """
    account = _locked(user, by)
    Authenticator.objects.filter(user=account).delete()
    sessions.end_all(account)
    _log(account, by)
    letters.factor_was_reset(account)
    return account


@transaction.atomic
def invite(
    account: User, organization: Organization, team: Team | None, role: Role, *, at: Address, by: User
) -> str:
    """Somebody new works here, once they have set a password by the link: mails and returns it. It is kept
    nowhere. Raises PermissionDenied, NameTaken, NoSuchRoleHere, ValidationError.
    """
    actions.require_keeps_members(by, organization)
    account.set_unusable_password()
    _store_new(account)
    actions.add_membership(account, organization, team, role, by=by)
    return _link(account, organization, at=at, by=by)


@transaction.atomic
def invite_again(user: User, organization: Organization, *, at: Address, by: User) -> str:
    """Another link in place of one that was lost or grew too old. Raises PermissionDenied, HasComeIn,
    WorksElsewhere.
    """
    account = _locked(user, by)
    if account.has_usable_password():
        raise HasComeIn
    withdraw_invitations(account, organization, by=by)
    return _link(account, organization, at=at, by=by)


@transaction.atomic
def withdraw_invitations(user: User, organization: Organization, *, by: User) -> None:
    """Links into this organisation open nothing any more. Raises PermissionDenied."""
    actions.require_keeps_members(by, organization)
    for one in Invitation.objects.filter(user=user, organization=organization).open().order_by("pk"):
        records.retire(one, by=by)


def invited(token: str) -> Invitation | None:
    """The invitation of a link, whatever became of it."""
    with acting.as_job("invitation"):
        found = Invitation.objects.filter(token_hash=_hashed(token))
        return found.select_related("user", "organization").first()


@transaction.atomic
def accept_invitation(invitation: Invitation, password: str) -> User:
    """Somebody new sets their password, once. Raises LinkOver."""
    with acting.as_job("invitation"):
        current = records.locked(invitation)
        account = current.user
        if not is_open(current) or account.has_usable_password():
            raise LinkOver
        records.change(current, by=account, used_at=timezone.now())
        account.set_password(password)
        account.save(update_fields=["password"])
    return account


def is_open(invitation: Invitation) -> bool:
    is_over = invitation.used_at or invitation.retired_at or invitation.expires_at <= timezone.now()
    return not is_over and invitation.user.is_active


@transaction.atomic
def end_session(session_id: UUID, *, by: User) -> None:
    """One of one's own; ended twice is ended once."""
    Session.objects.visible_to(by).filter(id=session_id).delete()


@transaction.atomic
def end_other_sessions(key: str, *, by: User) -> None:
    """All of one's own but the one that goes on."""
    sessions.end_all(by, but=key)


def _link(account: User, organization: Organization, *, at: Address, by: User) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation(
        user=account,
        organization=organization,
        token_hash=_hashed(token),
        expires_at=timezone.now() + VALID_FOR,
    )
    records.create(invitation, by=by)
    letters.invitation(account, at(token))
    return at(token)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _store_new(account: User) -> None:
    """Names that differ in capitals only would be one name at the sign-in."""
    account.username = account.username.strip().lower()
    if User.objects.filter(username__iexact=account.username).exists():
        raise NameTaken
    account.full_clean(exclude=["password"], validate_unique=False)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken from error


def _locked(user: User, by: User | None) -> User:
    """The account as it is now, for who may: locked, so that two do not do it at once."""
    if by is not None:
        _require_keeps(user, by)
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


def _require_keeps(user: User, by: User) -> None:
    if user == by:
        raise NotYourself
    working = Membership.objects.visible_to(by).active().filter(user=user).select_related("organization")
    for one in working:
        actions.require_keeps_members(by, one.organization)
    if not working:
        raise PermissionDenied
    if _works_elsewhere(user):
        raise WorksElsewhere


def _works_elsewhere(user: User) -> bool:
    """The database says so, and no more: an administrator sees no membership of another organisation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.works_elsewhere(%s)", [user.pk])
        return bool(cursor.fetchone()[0])


def _log(account: User, by: User | None) -> None:
    """In the log of the organisation where they work."""
    work: Any = Membership.objects.filter(user=account).order_by("-started_at", "pk").first()
    audit.record(Action.CHANGE, account, by=by, of=work)
