"""Schemes, certificates of staff, accreditations of providers: applied for, reviewed, decided by another."""

from dataclasses import dataclass
from typing import Any

from certification import actions, requirements
from certification.models import AccreditationKind, Application, Certificate, SchemeVersion
from referrals.demo.places import PLACES
from victimcare.models import Location, Organization, User

SCHEMES = ("icap-t-1", "nacp-provisional", "nacp-basic")
KINDS = ("shelter", "psychosocial-support", "drug-treatment-outpatient", "legal-aid")


@dataclass(frozen=True, slots=True)
class Body:
    """A certifying body and who does what there, by user name."""

    code: str
    coordinator: str
    examiner: str
    officer: str


BODIES = {
    "AR": Body("ar-cert", "coordinator", "examiner", "officer"),
    "BR": Body("br-cert", "demo_coordinator_br", "demo_examiner_br", "demo_officer_br"),
    "US": Body("us-cert", "demo_coordinator_us", "demo_examiner_us", "demo_officer_us"),
}
# Who holds which certificates; the accreditation kinds ask for them.
HOLDERS = (
    ("AR", "practitioner", ("nacp-provisional", "nacp-basic", "icap-t-1")),
    ("AR", "demo_practitioner_acacias", ("nacp-basic",)),
    ("AR", "demo_practitioner_aurora", ("icap-t-1", "nacp-basic")),
    ("BR", "demo_practitioner_br", ("nacp-basic",)),
    ("US", "demo_practitioner_us", ("icap-t-1",)),
)
APPLICANTS = {
    "ar-ceibos": "provider",
    "ar-aurora": "provider2",
    "ar-acacias": "demo_provider_acacias",
    "ar-estudio": "demo_provider_estudio",
    "br-araucaria": "demo_provider_br",
    "us-harbor": "demo_provider_us",
}


def user(username: str) -> User:
    return User.objects.get(username=username)


def make_credentials() -> None:
    for body in BODIES.values():
        _adopt(body)
    for state, holder, schemes in HOLDERS:
        for scheme in schemes:
            _certify(BODIES[state], user(holder), scheme)
    for place in PLACES:
        for kind in place.accredited:
            _accredit(place.state, place.code, kind)
    _leave_work_to_do()


def _adopt(body: Body) -> None:
    organization, coordinator = Organization.objects.get(code=body.code), user(body.coordinator)
    for code in SCHEMES:
        actions.adopt_scheme(organization, code, by=coordinator)
    for code in KINDS:
        actions.adopt_accreditation_kind(organization, code, by=coordinator)


def _certify(body: Body, holder: User, scheme: str) -> None:
    version = SchemeVersion.objects.get(organization__code=body.code, code=scheme)
    practitioner = actions.open_file(version.organization, by=holder, legal_name=holder.name)
    draft = actions.apply_for_certificate(
        practitioner,
        version,
        by=holder,
        statement="Four years of practice with people who were harmed.",
        evidence=_as_asked(version),
    )
    _decide(body, actions.submit_application(draft, by=holder))


def _accredit(state: str, code: str, kind_code: str) -> None:
    body, applicant = BODIES[state], user(APPLICANTS[code])
    kind = AccreditationKind.objects.get(organization__code=body.code, code=kind_code)
    draft = actions.apply_for_accreditation(
        Organization.objects.get(code=code),
        kind,
        by=applicant,
        evidence=_as_asked(kind),
        statement="Staff, premises and procedures are as the standard asks.",
    )
    _decide(body, actions.submit_application(draft, by=applicant))


def _as_asked(version: SchemeVersion | AccreditationKind) -> dict[str, Any]:
    """Evidence that meets each requirement."""
    return {
        item.key: "As the standard asks." if item.in_words else item.least or True
        for item in requirements.items(version)
    }


def _decide(body: Body, application: Application) -> Application:
    examiner, officer = user(body.examiner), user(body.officer)
    actions.start_review(application, by=examiner)
    actions.finish_review(
        application,
        by=examiner,
        recommendation=Application.Decision.APPROVED,
        findings="All requirements were seen.",
    )
    return actions.decide(
        application, by=officer, decision=Application.Decision.APPROVED, reason="requirements_met"
    )


def _leave_work_to_do() -> None:
    """A draft, an application in each step of the queue, a suspended accreditation and certificate."""
    body = BODIES["AR"]
    kind = AccreditationKind.objects.get(organization__code=body.code, code="legal-aid")
    applicant = user("demo_provider_estudio")
    institution = Organization.objects.get(code="ar-estudio")
    shelter_staff = user("provider")
    actions.apply_for_accreditation(
        Organization.objects.get(code="ar-ceibos"),
        kind,
        by=shelter_staff,
        statement="A lawyer comes twice a week.",
    )
    for steps in range(3):
        draft = actions.apply_for_accreditation(
            institution,
            kind,
            _place(institution) if steps else None,
            by=applicant,
            statement="Free legal aid.",
            evidence=_as_asked(kind),
        )
        submitted = actions.submit_application(draft, by=applicant)
        if steps >= 1:
            actions.start_review(submitted, by=user(body.examiner))
        if steps == 2:
            actions.finish_review(
                submitted,
                by=user(body.examiner),
                recommendation=Application.Decision.APPROVED,
                findings="The office was visited.",
            )
    shelter = Organization.objects.get(code="ar-aurora").accreditations.get(kind__code="shelter")
    held = Certificate.objects.get(practitioner__user=user("practitioner"), scheme_version__code="icap-t-1")
    for credential in (shelter, held):
        actions.suspend(credential, by=user(body.officer), reason="safety")


def _place(institution: Organization) -> Location | None:
    return institution.locations.first()
