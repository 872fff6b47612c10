"""A made-up data set of the size that a member state has, filled by SQL as the owner of the tables.

Twenty teams or more in five agencies, each case with a worker of its team: one worker has 200 cases, one has
30, one has none. Nothing is encrypted: the fields are empty. The cases of a worker lie scattered, as in life.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from cases.access import WORK
from certification.models import Application, Practitioner
from referrals.models import Packet, Referral
from tests import factories
from tests.benches import rows
from tests.benches.copies import uid
from tests.certification import builders
from victimcare.models import AccessEntry, Membership, Organization, Role, Step, Team, User

FILLED = (
    "cases_person", "cases_case", "cases_casegrant", "cases_enrolment", "cases_assignment", "cases_note",
    "cases_incident", "cases_party", "cases_substanceuse", "cases_historicalassignment",
    "cases_historicalcontactpoint", "cases_emergencyaccess", "cases_erasure", "cases_legalhold",
    "cases_namecard", "cases_document",
    "cases_consent", "cases_contactpoint", "cases_historicalcase", "cases_persontokens", "referrals_referral",
    "referrals_packet", "certification_practitioner", "certification_application",
    "certification_certificate", "victimcare_step", "victimcare_accessentry",
    "victimcare_user", "victimcare_membership",
)  # fmt: skip
# name of the record -> kind and number of the copy.
NAMED = {
    "case": ("case", "0"),
    "case_of_team": ("case", "1"),
    "referral": ("referral", "0"),
    "institution": ("institution", "20"),
}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
AGENCIES, PROVIDERS, BODIES = 5, 20, 20


@dataclass
class Seeded:
    """The data set: how large it is, whom it is made for, and a template row of each kind."""

    cases: int
    world: factories.World = field(default_factory=factories.World)
    users: dict[str, User] = field(default_factory=dict)
    templates: dict[str, Any] = field(default_factory=dict)
    teams: list[Team] = field(default_factory=list)
    providers: list[Organization] = field(default_factory=list)
    bodies: list[Organization] = field(default_factory=list)

    @property
    def workers(self) -> int:
        """Each with 200 cases, except the second, who has 30."""
        return self.cases // 200

    def pk(self, name: str) -> Any:
        """The id of the copy that has this role in the pages: of the first worker, or of the second team."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {uid(*NAMED[name])}")
            return cursor.fetchone()[0]


def fill(cases: int) -> Seeded:
    """`cases` is a multiple of 20,000. The rows say what the triggers would, and `wrong_scopes` looks."""
    made = Seeded(cases)
    _places(made)
    _templates(made)
    with connection.cursor() as cursor, _unchecked(cursor):
        # A name cannot be copied: it is encrypted for its own row.
        cursor.execute("ALTER TABLE certification_application DROP CONSTRAINT application_sent_with_a_name")
        rows.fill(cursor, made)
    _people(made)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(FILLED)}")
    return made


KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])
"""


@contextmanager
def _unchecked(cursor: Any) -> Iterator[None]:
    """Without triggers and foreign keys, which would take most of the time. The keys come back as not
    validated: the planner counts on them.
    """
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(KEYS, [list(FILLED)])
    keys = cursor.fetchall()
    for table, name, _said in keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for table in FILLED:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table, name, said in keys:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {said} NOT VALID")
    for table in FILLED:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _places(made: Seeded) -> None:
    agencies = [factories.organization(is_agency=True) for _ in range(AGENCIES)]
    count = max(20, made.cases // 2000)
    made.teams = [
        Team.objects.create(organization=agencies[number % AGENCIES], name=f"Team {number}")
        for number in range(count)
    ]
    made.providers = [factories.organization(is_provider=True) for _ in range(PROVIDERS)]
    made.bodies = [factories.organization(is_certifying_body=True) for _ in range(BODIES)]
    made.world.__dict__ |= {"agency": agencies[0], "team": made.teams[0], "shelter": made.providers[0]}
    made.world.__dict__ |= {"body": made.bodies[0]}


def _templates(made: Seeded) -> None:
    """One row of each kind, as the product makes it."""
    world, team = made.world, made.teams[0]
    worker = factories.member(Role.CASEWORKER, team.organization, team)
    case = factories.case(team, worker)
    consent = factories.consent(case, world.shelter)
    made.templates = {
        "user": worker,
        "membership": Membership.objects.get(user=worker),
        "case": case,
        "person": case.person,
        "grant": case.grants.get(permission__codename=WORK),
        "enrolment": case.enrolments.get(),
        "assignment": case.assignments.get(),
        "note": case.notes.create(kind="progress", text="Invented", subject_key_id=case.subject_key_id),
        "incident": case.incidents.create(subject_key_id=case.subject_key_id),
        "party": case.partys.create(role="witness", subject_key_id=case.subject_key_id),
        "substanceuse": case.substanceuses.create(icd11_code="6C40", subject_key_id=case.subject_key_id),
        "emergency": case.emergencies.create(
            user=worker,
            opened_by=worker,
            reason="danger",
            opened_at=LONG_AGO,
            until=LONG_AGO + timedelta(hours=1),
            subject_key_id=case.subject_key_id,
        ),
        "document": factories.document(case),
        "legalhold": case.legal_holds.create(
            reason="court_order", lifted_at=LONG_AGO, lifted_by=worker, subject_key_id=case.subject_key_id
        ),
        "erasure": case.erasures.create(
            reason="person_asked",
            status="refused",
            asked_at=LONG_AGO,
            asked_by=worker,
            subject_key_id=case.subject_key_id,
        ),
        "consent": consent,
        "contact": case.person.contacts.create(
            organization=case.organization,
            contact_kind="phone",
            value="invented",
            safety="safe",
            subject_key_id=case.subject_key_id,
        ),
        **_referral(made, case, consent, worker),
        **_logs(case, worker),
        **_applications(made),
    }


def _referral(made: Seeded, case: Any, consent: Any, worker: User) -> dict[str, Any]:
    assert made.world.accreditation
    offers = [factories.service_at_location(provider) for provider in made.providers]
    referral = Referral.objects.create(
        organization=case.organization,
        team=case.team,
        receiver=made.providers[0],
        case=case,
        service_at_location=offers[0],
        consent=consent,
        subject_key_id=case.subject_key_id,
    )
    packet = Packet.objects.create(
        organization=case.organization,
        referral=referral,
        kinds=["identity"],
        content={},
        subject_key_id=case.subject_key_id,
    )
    return {"referral": referral, "packet": packet, "offers": offers}


def _logs(case: Any, worker: User) -> dict[str, Any]:
    step = Step.objects.create(
        by=worker, object_label="cases.Case", object_id=case.pk, verb="open", source="intake", target="open"
    )
    entry = AccessEntry.objects.create(
        by=worker,
        object_label="cases.Case",
        object_id=case.pk,
        action="read",
        organization=case.organization,
        member_state_id=case.organization.member_state_id,
        kinds=["identity"],
    )
    return {"step": step, "entry": entry}


def _applications(made: Seeded) -> dict[str, Any]:
    person = factories.user()
    certificate = builders.certificate(made.world.body, person, builders.scheme(made.world.body))
    institution = Application.objects.create(
        organization=made.world.body,
        institution=made.world.shelter,
        kind=factories.accreditation_kind(made.world.body),
        subject_key_id=certificate.application.subject_key_id,
        status=Application.Status.SUBMITTED,
        submitted_at=timezone.now(),
    )
    return {
        "practitioner": Practitioner.objects.get(user=person),
        "application": certificate.application,
        "institution": institution,
        "certificate": certificate,
    }


def _people(made: Seeded) -> None:
    """Those whom the measurements are about, by what they have."""
    team, world = made.teams[0], made.world
    second = made.teams[1]
    made.users = {
        "200": User.objects.get(username="worker-0"),
        "30": User.objects.get(username="worker-1"),
        "0": factories.member(Role.CASEWORKER, team.organization, team),
        "supervisor": factories.member(Role.SUPERVISOR, second.organization, second),
        "provider": factories.member(Role.PROVIDER, world.shelter),
        "officer": factories.member(Role.OFFICER, world.body),
        "examiner": factories.member(Role.EXAMINER, world.body),
        "coordinator": factories.member(Role.COORDINATOR, world.body),
        "auditor": factories.member(Role.AUDITOR, world.body),
        "admin": factories.member(Role.ADMIN, team.organization),
        "analyst": factories.member(Role.ANALYST, team.organization),
        "practitioner": User.objects.get(username="practitioner-0"),
    }


# What the triggers would write, against what was written: one number for all tables.
WRONG_SCOPES = """
SELECT sum(wrong) FROM (
    SELECT count(*) AS wrong FROM cases_person person JOIN cases_case held ON held.person_id = person.id
     WHERE person.scope_team_ids <> ARRAY[held.team_id] OR person.scope_case_ids <> ARRAY[held.id]
    UNION ALL
    SELECT count(*) FROM cases_contactpoint contact JOIN cases_person person ON person.id = contact.person_id
     WHERE (contact.scope_team_ids, contact.scope_case_ids) <> (person.scope_team_ids, person.scope_case_ids)
    UNION ALL
    SELECT count(*) FROM cases_casegrant opened JOIN cases_case held ON held.id = opened.content_object_id
      JOIN auth_permission allowed ON allowed.id = opened.permission_id
     WHERE opened.scope_organization_id <> held.organization_id OR opened.scope_codename <> allowed.codename
    UNION ALL
    SELECT count(*) FROM cases_historicalcase old JOIN cases_case held USING (id)
     WHERE old.scope_team_id <> held.team_id
    UNION ALL
    SELECT count(*) FROM referrals_referral sent JOIN cases_case held ON held.id = sent.case_id
     WHERE sent.scope_team_id <> held.team_id OR sent.scope_received_team_id IS NOT NULL
    UNION ALL
    SELECT count(*) FROM victimcare_step step
      LEFT JOIN referrals_referral sent ON sent.id = step.object_id
      JOIN cases_case held ON held.id = coalesce(sent.case_id, step.object_id)
     WHERE (step.scope_case_id, step.scope_team_id) IS DISTINCT FROM (held.id, held.team_id)
    UNION ALL
    SELECT count(*) FROM certification_application asked
      LEFT JOIN certification_practitioner person ON person.id = asked.practitioner_id
     WHERE asked.scope_user_id IS DISTINCT FROM person.user_id
    UNION ALL
    {children}
) AS counted
"""
CHILD = """
SELECT count(*) FROM cases_{child} one JOIN cases_case held ON held.id = one.case_id
 WHERE one.scope_team_id <> held.team_id
"""


def wrong_scopes() -> int:
    """How many rows say another scope than the product's triggers would."""
    children = " UNION ALL ".join(
        CHILD.format(child=child) for child in ("enrolment", "assignment", "note", "consent")
    )
    with connection.cursor() as cursor:
        cursor.execute(WRONG_SCOPES.format(children=children))
        return int(cursor.fetchone()[0]) + _wrong_packets(cursor)


def _wrong_packets(cursor: Any) -> int:
    """A packet's scope comes from three tables: its own trigger writes it anew, and it must be the same."""
    cursor.execute("CREATE TEMPORARY TABLE said ON COMMIT DROP AS SELECT * FROM referrals_packet")
    cursor.execute("UPDATE referrals_packet SET referral_id = referral_id")
    cursor.execute("SELECT count(*) FROM (TABLE said EXCEPT ALL TABLE referrals_packet) AS differing")
    return int(cursor.fetchone()[0])
