"""Applications and certificates for tests, made with the actions that people use."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from certification import actions
from certification.models import (
    AccreditationKind,
    Application,
    Certificate,
    Practitioner,
    SchemeVersion,
)
from tests import factories
from victimcare.models import Organization, User


def scheme(body: Organization, code: str = "icap-t-1", **values: Any) -> SchemeVersion:
    defaults: dict[str, Any] = {
        "version": "1",
        "titles": {"en": f"Scheme {code}"},
        "requirements": {"experience_hours": 1500, "ethics_code": True},
        "validity_months": 36,
        "valid_from": date(2020, 1, 1),
    }
    return SchemeVersion.objects.create(organization=body, code=code, **(defaults | values))


def personal_draft(
    world: Any, *, by: User | None = None, code: str = "icap-t-1", **values: Any
) -> Application:
    """A practitioner's draft at the certifying body."""
    by = by or world.practitioner
    version = SchemeVersion.objects.filter(organization=world.body, code=code).first() or scheme(
        world.body, code
    )
    file = actions.open_file(world.body, by=by, legal_name="Yolanda Invented", identity_number="99.111.222")
    return actions.apply_for_certificate(file, version, by=by, **values)


def institutional_draft(world: Any, kind: AccreditationKind | None = None, **values: Any) -> Application:
    """The shelter's draft at the certifying body."""
    kind = kind or factories.accreditation_kind(world.body)
    return actions.apply_for_accreditation(world.shelter, kind, by=world.provider, **values)


def reviewed(draft: Application, world: Any) -> Application:
    """Sent, and reviewed by the examiner, who recommends it."""
    sent = actions.submit_application(draft, by=draft.created_by)
    begun = actions.start_review(sent, by=world.examiner)
    return actions.finish_review(
        begun, by=world.examiner, recommendation="approved", findings="All was seen."
    )


def approved(draft: Application, world: Any, **values: Any) -> Application:
    return actions.decide(reviewed(draft, world), by=world.officer, decision="approved", **values)


def certificate(body: Organization, user: User, version: SchemeVersion, **values: Any) -> Certificate:
    """A running certificate of any user, stored as the actions would leave it."""
    file = Practitioner.objects.filter(organization=body, user=user).first()
    if file is None:
        key = factories.subject_key(body)
        file = Practitioner.objects.create(
            organization=body, user=user, subject_key=key, legal_name="Invented"
        )
    now = timezone.now()
    application = Application.objects.create(
        organization=body,
        practitioner=file,
        scheme_version=version,
        subject_key_id=file.subject_key_id,
        legal_name=file.legal_name,
        status=Application.Status.DECIDED,
        decision=Application.Decision.APPROVED,
        decided_by=factories.user(),
        decided_at=now,
    )
    today = timezone.localdate()
    defaults = {"valid_from": today - timedelta(days=10), "valid_until": today + timedelta(days=10)}
    return Certificate.objects.create(
        organization=body,
        practitioner=file,
        scheme_version=version,
        application=application,
        **(defaults | values),
    )
