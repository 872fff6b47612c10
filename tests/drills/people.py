"""The invented people of the drill: each case has a word of its own, a canary, in all that it tells."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from cases.actions import open_work
from cases.models import Case, Incident, Note
from referrals import actions
from referrals.models import Referral, ServiceAtLocation
from tests import factories
from tests.drills.truth import canary
from victimcare import records
from victimcare.encryption import keyring
from victimcare.models import Role, Team, User

EACH = 10
LEAVER = "leaver"
# Accounts that work on no case.
OTHERS = ("officer", "examiner", "practitioner", "coordinator", "admin", "provider2")


def make(each: int = EACH) -> None:
    """`each`: cases of each caseworker; the agency's first six are referred to the shelter.

    The database's own time zone is not Django's, so that it shows whether each session says its own.
    """
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET timezone = 'America/Bogota'")
    with keyring.held():
        world = factories.World()
        for name in OTHERS:
            getattr(world, name)
        _supervisors(world)
        for worker, team in _workers(world):
            made = [_case(team, worker) for _number in range(each)]
            if team.organization == world.agency:
                _refer(world, made, worker)


def _supervisors(world: factories.World) -> None:
    for team in (world.team, world.other_team, world.shelter_team, world.team_br):
        factories.member(Role.SUPERVISOR, team.organization, team, f"supervisor{team.pk.hex[:6]}")


def _workers(world: factories.World) -> list[tuple[User, Team]]:
    leaver = factories.member(Role.CASEWORKER, world.agency_br, world.team_br, LEAVER)
    return [
        (world.caseworker, world.team),
        (world.caseworker2, world.other_team),
        (world.caseworker_shelter, world.shelter_team),
        (world.caseworker_br, world.team_br),
        (leaver, world.team_br),
    ]


def _case(team: Team, worker: User) -> Case:
    case_id = uuid4()
    word = canary(case_id)
    person = factories.person(team.organization, known_as=word)
    made = factories.case(team, worker, id=case_id, person=person)
    key = {"case": made, "subject_key_id": made.subject_key_id}
    Note.objects.create(**key, kind=Note.Kind.CONTACT, text=f"Note {word}")
    Incident.objects.create(**key, narrative=f"Incident {word}")
    return made


def _refer(world: factories.World, made: list[Case], worker: User) -> None:
    """A draft, and what became of the others: the receiver reads two packets, and opened a case from one."""
    assert world.accreditation
    sent = [_sent(case, world.offer, worker) for case in made[1:6]]
    _draft(made[0], world.offer, worker)
    by = world.provider
    fates: list[Callable[[Referral], object]] = [
        lambda one: actions.receive(one, by=by),
        lambda one: _taken_over(one, world),
        lambda one: actions.decline_referral(one, reason="no_capacity", by=by),
        lambda one: actions.withdraw_referral(one, reason="person_asked", by=worker),
        _consent_ended,
    ]
    for referral, fate in zip(sent, fates, strict=False):
        fate(referral)


def _draft(case: Case, offer: ServiceAtLocation, worker: User) -> Referral:
    kinds = ["identity", "contact", "incident", "risk"]
    consent = factories.consent(case, offer.service.organization, kinds=kinds)
    request = f"A room for {canary(case.pk)}"
    return actions.draft_referral(case, offer=offer, consent=consent, request=request, by=worker)[0]


def _sent(case: Case, offer: ServiceAtLocation, worker: User) -> Referral:
    return actions.send_referral(_draft(case, offer, worker), by=worker)


def _taken_over(referral: Referral, world: factories.World) -> None:
    accepted = actions.accept_referral(referral, by=world.provider)
    worker = world.caseworker_shelter
    case = actions.open_received_case(accepted, team=world.shelter_team, assign_to=worker, by=world.provider)
    open_work(case, by=worker)


def _consent_ended(referral: Referral) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    records.change(referral.consent, by=None, valid_from=yesterday, valid_until=yesterday)
