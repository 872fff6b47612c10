"""What an applicant does: open a file, write an application, send it."""

from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.models import AccreditationKind, Application, Practitioner, SchemeVersion
from victimcare import access, actions, records, workflow
from victimcare.encryption import keyring
from victimcare.models import Location, Organization, User


class NotInForce(ValidationError):
    """The scheme or kind of accreditation is of another time or another member state."""

    def __init__(self) -> None:
        super().__init__(_("One cannot apply for this at present. Choose another one."), code="not_in_force")


class NotTheirPlace(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Choose a place of this institution."), code="not_their_place")


@transaction.atomic
def open_file(
    body: Organization, *, by: User, legal_name: str, identity_number: str = "", birth: Any = None
) -> Practitioner:
    """The practitioner's file at a certifying body: made at the first application, kept up to date later.

    What was sent or issued keeps the name that it was sent with: a new one is decided with a new application.
    """
    _require_practitioner(by, body)
    values = {"legal_name": legal_name, "identity_number": identity_number, "birth": birth}
    # Two first applications at once: the lock on the body lets one of them make the file.
    Organization.objects.select_for_update(of=("self",)).get(pk=body.pk)
    found = Practitioner.objects.filter(organization=body, user=by).first()
    if found is not None:
        # What was left empty this time is not taken away: it was stated before.
        return records.change(found, by=by, **{name: value for name, value in values.items() if value})
    key = keyring.new_subject_key(body)
    key.save(force_insert=True)
    file = Practitioner(organization=body, user=by, subject_key=key, **values)
    return records.create(file, by=by)[0]


@transaction.atomic
def apply_for_certificate(
    practitioner: Practitioner,
    scheme_version: SchemeVersion,
    *,
    by: User,
    statement: str = "",
    evidence: dict[str, Any] | None = None,
    record_id: UUID | None = None,
) -> Application:
    """A draft under a version of a scheme. Raises PermissionDenied, NotInForce, ValidationError."""
    if practitioner.user_id != by.pk or practitioner.organization_id != scheme_version.organization_id:
        raise PermissionDenied
    _require_practitioner(by, scheme_version.organization)
    _require_in_force(scheme_version)
    draft = Application(
        id=record_id or uuid4(),
        organization=scheme_version.organization,
        practitioner=practitioner,
        scheme_version=scheme_version,
        subject_key_id=practitioner.subject_key_id,
        statement=statement,
        evidence=evidence or {},
    )
    return records.create(draft, by=by)[0]


@transaction.atomic
def apply_in_person(
    scheme_version: SchemeVersion, *, by: User, file: dict[str, Any], **application: Any
) -> Application:
    """Bring the own file up to date and write the draft: what the page of a practitioner does."""
    practitioner = open_file(scheme_version.organization, by=by, **file)
    return apply_for_certificate(practitioner, scheme_version, by=by, **application)


@transaction.atomic
def apply_for_accreditation(
    institution: Organization,
    kind: AccreditationKind,
    location: Location | None = None,
    *,
    by: User,
    statement: str = "",
    evidence: dict[str, Any] | None = None,
    record_id: UUID | None = None,
) -> Application:
    """A draft for an institution, at one place or all. Raises PermissionDenied, NotInForce, NotTheirPlace."""
    access.require(by, "certification.apply_for_institution", institution.pk)
    if kind.organization.member_state_id != institution.member_state_id:
        raise NotInForce
    _require_in_force(kind)
    if location is not None and location.organization_id != institution.pk:
        raise NotTheirPlace
    draft = Application(
        id=record_id or uuid4(),
        organization=kind.organization,
        institution=institution,
        kind=kind,
        location=location,
        subject_key=actions.own_key(kind.organization),
        statement=statement,
        evidence=evidence or {},
    )
    return records.create(draft, by=by)[0]


@transaction.atomic
def change_application(
    application: Application, *, by: User, revision: int, statement: str, evidence: dict[str, Any]
) -> Application:
    """Change a draft of one's own. Raises PermissionDenied, IllegalTransition, Stale."""
    _require_applicant(application, by)
    current = records.locked(application)
    if current.status != Application.Status.DRAFT:
        raise workflow.IllegalTransition("change", current.get_status_display())
    return records.change(current, by=by, revision=revision, statement=statement, evidence=evidence)


@transaction.atomic
def submit_application(application: Application, *, by: User) -> Application:
    """Send it to the certifying body, in the name that the file has now.

    Raises PermissionDenied, IllegalTransition, NotInForce.
    """
    _require_applicant(application, by)
    _require_in_force(application.asked_for)
    return workflow.advance(application, "submit", by=by, **_identity(application))


def _identity(application: Application) -> dict[str, Any]:
    """What is sealed onto a person's application; nothing for an institution's."""
    if application.practitioner_id is None:
        return {}
    file = Practitioner.objects.get(pk=application.practitioner_id)
    return {name: getattr(file, name) for name in ("legal_name", "identity_number", "birth")}


def _require_practitioner(by: User, body: Organization) -> None:
    """A practitioner applies at the bodies of a member state where they work."""
    if body.member_state_id not in access.states_with(by, "certification.apply_in_person"):
        raise PermissionDenied


def _require_applicant(application: Application, by: User) -> None:
    if not application.may_write(by):
        raise PermissionDenied


def _require_in_force(version: SchemeVersion | AccreditationKind) -> None:
    if not type(version).objects.in_force_on(timezone.localdate()).filter(pk=version.pk).exists():
        raise NotInForce
