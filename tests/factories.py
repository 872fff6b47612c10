"""Invented people and places for tests.

Records are made as the product makes them; defaults fit, overrides are named.
"""

from datetime import date, timedelta
from functools import cached_property
from itertools import count
from typing import Any

from django.utils import timezone

from cases import actions as case_actions
from cases.access import COUNSEL, WORK, CaseGrant
from cases.actions import documents as document_actions
from cases.models import Assignment, Case, Consent, Document, Enrolment, Person
from certification.models import Accreditation, AccreditationKind, Application
from referrals.models import Service, ServiceAtLocation
from victimcare import access, actions
from victimcare.encryption import keyring
from victimcare.files.admission import Admitted, admit
from victimcare.files.spool import Spool
from victimcare.models import Location, Membership, MemberState, Organization, Role, SubjectKey, Team, User

PASSWORD = "correct horse battery"  # for invented accounts in tests only
_number = count(1)


def organization(state: str = "AR", **values: Any) -> Organization:
    number = next(_number)
    # UTC, so that a test and its places agree on the day at any hour.
    defaults = {"code": f"org-{number}", "name": f"Organisation {number}", "time_zone": "UTC"}
    return Organization.objects.create(member_state_id=state, **(defaults | values))


def user(username: str = "", **values: Any) -> User:
    username = username or f"user{next(_number)}"
    """Of a demonstration, so that it needs no second factor here; tests of signing in make real ones."""
    defaults = {"name": f"User {username}", "is_demonstration": True}
    made = User(username=username, **(defaults | values))
    made.set_unusable_password()
    made.save()
    return made


def member(role: Role, organization: Organization, team: Team | None = None, username: str = "") -> User:
    made = user(username)
    Membership.objects.create(user=made, organization=organization, team=team, role=role)
    return made


def subject_key(organization: Organization) -> SubjectKey:
    key = keyring.new_subject_key(organization)
    key.save(force_insert=True)
    return key


def person(organization: Organization, **values: Any) -> Person:
    names = {"given_names": "Ximena", "surnames": "Quispe Invented"}
    return Person.objects.create(
        organization=organization, subject_key=subject_key(organization), **(names | values)
    )


def case(team: Team, worker: User | None = None, **values: Any) -> Case:
    """An open case of a victim in a team, opened by `worker` for themselves if one is given."""
    served = values.pop("person", None) or person(team.organization)
    kind = values.pop("kind", Enrolment.Kind.VICTIM)
    defaults: dict[str, Any] = {"status": Case.Status.OPEN, "opened_on": timezone.localdate()}
    made = Case.objects.create(
        organization=team.organization,
        team=team,
        person=served,
        subject_key_id=served.subject_key_id,
        **(defaults | values),
    )
    Enrolment.objects.create(
        case=made, kind=kind, started_on=made.opened_on, subject_key_id=made.subject_key_id
    )
    if worker:
        Assignment.objects.create(case=made, user=worker, counsels=True, subject_key_id=made.subject_key_id)
        access.grant(CaseGrant, worker, {WORK, COUNSEL}, made)
    return made


def document(case: Case, content: bytes = b"Canary of a document\n", **values: Any) -> Document:
    """A text file, added by who works on the case."""
    file = _admitted(content, values.pop("file_name", "letter.txt"))
    by = case.assignments.filter(ended_at=None)[0].user
    return case_actions.add_document(case, Document(**({"title": "A letter"} | values)), file, by=by)[0]


def stored_document(case: Case, content: bytes, **values: Any) -> Document:
    """The same in a case of any state, whoever works on it."""
    file = _admitted(content, values.pop("file_name"))
    made = Document(case=case, subject_key_id=case.subject_key_id, **values)
    document_actions.describe(made, file)
    made.save(force_insert=True)
    document_actions.store(made, file)
    return made


def _admitted(content: bytes, name: str) -> Admitted:
    spool = Spool()
    spool.write(content)
    return admit(spool.finish(), name)


def consent(case: Case, recipient: Organization, **values: Any) -> Consent:
    defaults: dict[str, Any] = {
        "given_by": "self",
        "evidence": "written",
        "language": "es",
        "text_version": "1",
        "purpose": "referral",
        "kinds": ["identity", "contact", "incident"],
        "valid_from": timezone.localdate() - timedelta(days=1),
        "valid_until": timezone.localdate() + timedelta(days=29),
    }
    return Consent.objects.create(
        case=case, recipient=recipient, subject_key_id=case.subject_key_id, **(defaults | values)
    )


def location(organization: Organization, **values: Any) -> Location:
    defaults = {
        "name": "Main site",
        "region": "AR-C",
        "address": "Invented Street 12",
        "time_zone": "UTC",
    }
    return actions.add_location(Location(organization=organization, **(defaults | values)), by=None)


def service_at_location(provider: Organization, kind: str = "shelter", **values: Any) -> ServiceAtLocation:
    offered = Service.objects.create(
        organization=provider, kind=kind, name=f"{kind} of {provider.name}", **values
    )
    return ServiceAtLocation.objects.create(service=offered, location=location(provider), places_free=3)


def accreditation_kind(body: Organization, service_kind: str = "shelter", **values: Any) -> AccreditationKind:
    defaults: dict[str, Any] = {
        "code": f"kind-{next(_number)}",
        "version": "1",
        "titles": {"en": f"Accredited {service_kind}"},
        "service_kinds": [service_kind],
        "validity_months": 24,
        "valid_from": date(2020, 1, 1),
    }
    return AccreditationKind.objects.create(organization=body, **(defaults | values))


def accreditation(
    body: Organization, institution: Organization, service_kind: str = "shelter", **values: Any
) -> Accreditation:
    """A running accreditation of an institution, decided by somebody other than its reviewer."""
    kind = values.pop("kind", None) or accreditation_kind(body, service_kind)
    application = Application.objects.create(
        organization=body,
        institution=institution,
        kind=kind,
        subject_key=actions.own_key(body),
        status=Application.Status.DECIDED,
        decision=Application.Decision.APPROVED,
        reviewed_by=user(),
        reviewed_at=timezone.now(),
        decided_by=user(),
        decided_at=timezone.now(),
    )
    today = timezone.localdate()
    defaults = {"valid_from": today - timedelta(days=100), "valid_until": today + timedelta(days=600)}
    return Accreditation.objects.create(
        organization=body, institution=institution, kind=kind, application=application, **(defaults | values)
    )


class World:
    """The places and people of most tests; each is made when it is first asked for."""

    @cached_property
    def state(self) -> MemberState:
        return MemberState.objects.get(code="AR")

    @cached_property
    def agency(self) -> Organization:
        return organization(code="agency", name="Agency", is_agency=True)

    @cached_property
    def team(self) -> Team:
        return Team.objects.create(organization=self.agency, name="North")

    @cached_property
    def other_team(self) -> Team:
        return Team.objects.create(organization=self.agency, name="South")

    @cached_property
    def shelter(self) -> Organization:
        """A provider that also works on cases of its own."""
        return organization(code="shelter", name="Shelter", is_provider=True, is_agency=True)

    @cached_property
    def shelter_team(self) -> Team:
        return Team.objects.create(organization=self.shelter, name="House")

    @cached_property
    def clinic(self) -> Organization:
        return organization(code="clinic", name="Clinic", is_provider=True)

    @cached_property
    def body(self) -> Organization:
        return organization(code="body", name="Certifying body", is_certifying_body=True)

    @cached_property
    def agency_br(self) -> Organization:
        return organization("BR", code="agency-br", name="Agency in Brazil", is_agency=True)

    @cached_property
    def team_br(self) -> Team:
        return Team.objects.create(organization=self.agency_br, name="Central")

    @cached_property
    def caseworker(self) -> User:
        return member(Role.CASEWORKER, self.agency, self.team, "caseworker")

    @cached_property
    def caseworker2(self) -> User:
        return member(Role.CASEWORKER, self.agency, self.other_team, "caseworker2")

    @cached_property
    def supervisor(self) -> User:
        return member(Role.SUPERVISOR, self.agency, self.team, "supervisor")

    @cached_property
    def provider(self) -> User:
        return member(Role.PROVIDER, self.shelter, None, "provider")

    @cached_property
    def caseworker_shelter(self) -> User:
        return member(Role.CASEWORKER, self.shelter, self.shelter_team, "caseworker_shelter")

    @cached_property
    def provider2(self) -> User:
        return member(Role.PROVIDER, self.clinic, None, "provider2")

    @cached_property
    def officer(self) -> User:
        return member(Role.OFFICER, self.body, None, "officer")

    @cached_property
    def officer2(self) -> User:
        return member(Role.OFFICER, self.body, None, "officer2")

    @cached_property
    def examiner(self) -> User:
        return member(Role.EXAMINER, self.body, None, "examiner")

    @cached_property
    def practitioner(self) -> User:
        return member(Role.PRACTITIONER, self.shelter, None, "practitioner")

    @cached_property
    def coordinator(self) -> User:
        return member(Role.COORDINATOR, self.body, None, "coordinator")

    @cached_property
    def admin(self) -> User:
        return member(Role.ADMIN, self.agency, None, "admin")

    @cached_property
    def privacy(self) -> User:
        return member(Role.PRIVACY, self.agency, None, "privacy")

    @cached_property
    def caseworker_br(self) -> User:
        return member(Role.CASEWORKER, self.agency_br, self.team_br, "caseworker_br")

    @cached_property
    def case(self) -> Case:
        """The caseworker's own case."""
        return case(self.team, self.caseworker)

    @cached_property
    def offer(self) -> ServiceAtLocation:
        """The shelter's service; accredited when `accreditation` was asked for."""
        return service_at_location(self.shelter)

    @cached_property
    def accreditation(self) -> Accreditation:
        return accreditation(self.body, self.shelter)
