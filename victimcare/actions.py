"""What people do with their own account and organisation, and who works in it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from victimcare import access, records
from victimcare.encryption import keyring
from victimcare.models import (
    Location,
    Membership,
    Organization,
    OrganizationKey,
    Role,
    StateRegister,
    SubjectKey,
    Team,
    User,
)

# Sent inside the transaction that ends it, with `membership` and `by`: what was open through it closes too.
membership_ended = Signal()

IN_A_TEAM = frozenset({Role.CASEWORKER, Role.SUPERVISOR})
# They act for a whole member state or beyond: not for an organisation that opens cases or accepts referrals.
OF_AN_AUTHORITY = frozenset({Role.COORDINATOR, Role.ANALYST, Role.AUDITOR})


class TheirOwn(ValidationError):
    """Nobody gives a role to themselves."""

    def __init__(self) -> None:
        super().__init__(
            {
                "username": ValidationError(
                    _("Another administrator has to add you: nobody gives a role to themselves."),
                    code="their_own",
                )
            }
        )


class LastAdministrator(ValidationError):
    """An organisation without an administrator could let nobody in or out any more."""

    def __init__(self) -> None:
        super().__init__(
            _("You cannot end your own work as administrator. Another administrator has to do it."),
            code="last_administrator",
        )


class MemberAlready(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            {"username": ValidationError(_("This person has this role here already."), code="member_already")}
        )


class NoSuchRoleHere(ValidationError):
    """The role belongs to another kind of organisation."""

    def __init__(self) -> None:
        super().__init__(
            {
                "role": ValidationError(
                    _("This organisation has nobody in this role. Choose another role."),
                    code="no_such_role_here",
                )
            }
        )


@transaction.atomic
def choose_language(language: str, *, by: User) -> None:
    User.objects.filter(pk=by.pk).update(language=language)


@transaction.atomic
def own_key(organization: Organization) -> SubjectKey:
    """The key that an organisation uses for itself; made when it is first needed, with that of its search."""
    Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    found = OrganizationKey.objects.filter(organization=organization).select_related("subject_key").first()
    if found:
        return found.subject_key
    state_key = keyring.current_state_key(organization.member_state)
    own, searched = (keyring.new_subject_key(organization, state_key) for _key in range(2))
    SubjectKey.objects.bulk_create([own, searched])
    OrganizationKey.objects.create(organization=organization, subject_key=own, search_key=searched)
    return own


@transaction.atomic
def add_location(location: Location, *, by: User | None) -> Location:
    """A place of an organisation; its address lies under the organisation's own key."""
    location.subject_key = own_key(location.organization)
    return records.create(location, by=by)[0]


class KeptElsewhere(ValidationError):
    """A member state has one register, and another authority keeps it."""

    def __init__(self) -> None:
        super().__init__(
            _("Another authority keeps the register of this member state. It has to end it first."),
            code="kept_elsewhere",
        )


@transaction.atomic
def open_state_register(organization: Organization, *, by: User) -> StateRegister:
    """The law of the member state has one register: from now on organisations of the state are told that a
    record may exist elsewhere in it. The tokens for that lie under the key of this authority. Said twice is
    said once. Raises PermissionDenied, KeptElsewhere.
    """
    access.require(by, access.KEEP_REGISTER, organization.pk)
    running = StateRegister.objects.running().filter(member_state=organization.member_state_id).first()
    if running and running.organization_id != organization.pk:
        raise KeptElsewhere
    if running:
        return running
    own_key(organization)
    register = StateRegister(member_state=organization.member_state, organization=organization)
    return records.create(register, by=by)[0]


@transaction.atomic
def end_state_register(register: StateRegister, *, by: User) -> StateRegister:
    """Nobody of another organisation is told anything any more. Raises PermissionDenied, TakenAway."""
    access.require(by, access.KEEP_REGISTER, register.organization_id)
    return records.retire(register, by=by)


@transaction.atomic
def add_membership(
    user: User, organization: Organization, team: Team | None, role: Role, *, by: User
) -> Membership:
    """Somebody who has an account works here from now on. Nobody adds themselves.

    Raises PermissionDenied, TheirOwn, MemberAlready, NoSuchRoleHere, ValidationError.
    """
    require_keeps_members(by, organization)
    _require_another(user, by)
    if not fits(role, organization):
        raise NoSuchRoleHere
    _check_team(team, organization, role)
    running = Membership.objects.filter(user=user, organization=organization, team=team, role=role)
    if running.filter(ended_at=None).exists():
        raise MemberAlready
    return records.create(Membership(user=user, organization=organization, team=team, role=role), by=by)[0]


@transaction.atomic
def end_membership(membership: Membership, *, by: User) -> Membership:
    """Somebody works here no longer: what was open to them through it closes within the same transaction.

    Their sessions live on, and the next request of theirs sees nothing of it. Ended twice is ended once.
    Raises PermissionDenied, LastAdministrator.
    """
    require_keeps_members(by, membership.organization)
    current = Membership.objects.get(pk=membership.pk)
    if current.ended_at is not None:
        return current
    if current.user == by and current.role == Role.ADMIN:
        raise LastAdministrator
    ended = records.change(current, by=by, ended_at=timezone.now(), ended_by=by)
    membership_ended.send(sender=Membership, membership=ended, by=by)
    return ended


def fits(role: Role, organization: Organization) -> bool:
    """Roles follow what an organisation is: cases, referrals, certificates, or an authority over these."""
    if role in IN_A_TEAM:
        return organization.is_agency
    if role == Role.PROVIDER:
        return organization.is_provider
    if role in (Role.OFFICER, Role.EXAMINER):
        return organization.is_certifying_body
    if role in OF_AN_AUTHORITY:
        return not (organization.is_agency or organization.is_provider)
    return True


def _require_another(user: User, by: User) -> None:
    """An administrator reads no case: so they give themselves no role that would."""
    if user == by:
        raise TheirOwn


def _check_team(team: Team | None, organization: Organization, role: Role) -> None:
    if role not in IN_A_TEAM:
        if team is not None:
            raise ValidationError({"team": _("This role belongs to no team. Leave the team out.")})
        return
    if team is None:
        raise ValidationError({"team": _("Choose a team: this role works in one.")})
    if team.organization_id != organization.pk or team.retired_at is not None:
        raise ValidationError({"team": _("Choose a team of the organisation.")})


def require_keeps_members(by: User, organization: Organization) -> None:
    """Asked under a lock, of the memberships as they are now: of two administrators who end each other at
    once, the second is none any more.
    """
    Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    keeps = Membership.objects.active().filter(
        user=by, organization=organization, role__in=access.roles_with(access.KEEP_MEMBERS)
    )
    if not by.is_active or not keeps.exists():
        raise PermissionDenied
