"""The world of the matrix: its places and its people by role, and a canary for every text.

Built outside of any acting context, as the database's owner (see conftest.py), so that it does not depend on
who may write what.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from referrals.models import Service, ServiceAtLocation
from tests import factories
from tests.factories import World as Places
from victimcare import actions
from victimcare.models import Location, Membership, Organization, Role, Team, User

CANARY = "kanari"


class Canaries:
    """Which word, number or id is which part of what: {"kanariabcd…": {("case.mine", "identity")}}."""

    def __init__(self) -> None:
        self.of: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._number = count(1)

    def word(self, thing: str, part: str) -> str:
        """A new word of letters only, so that a search by name takes it for one."""
        digest = hashlib.sha256(f"{thing} {part} {next(self._number)}".encode()).digest()
        word = CANARY + "".join(chr(ord("a") + byte % 26) for byte in digest[:10])
        return self.add(word, thing, part)

    def add(self, text: Any, thing: str, part: str) -> str:
        """A text that exists already: a number, an id, or a word that stands in another part too."""
        self.of[str(text).lower()].add((thing, part))
        return str(text)

    def words_of(self, thing: str, *parts: str) -> list[str]:
        wanted = {(thing, part) for part in parts}
        return [word for word, places in self.of.items() if places & wanted]


class MatrixPlaces(Places):
    """More places than most tests need: a second agency and body in the same state, a provider abroad."""

    @cached_property
    def other_agency(self) -> Organization:
        return factories.organization(code="agency-2", name="Second agency", is_agency=True)

    @cached_property
    def other_agency_team(self) -> Team:
        return Team.objects.create(organization=self.other_agency, name="Centre")

    @cached_property
    def other_body(self) -> Organization:
        return factories.organization(code="body-2", name="Second body", is_certifying_body=True)

    @cached_property
    def provider_abroad(self) -> Organization:
        return factories.organization("BR", code="house-br", name="House in Brazil", is_provider=True)


def people(places: MatrixPlaces) -> dict[str, User | None]:
    """A user for each role of the matrix; nobody is who is not signed in."""
    member = factories.member
    found = {
        "caseworker": places.caseworker,
        "colleague": member(Role.CASEWORKER, places.agency, places.team, "colleague"),
        "southern": places.caseworker2,
        "supervisor": places.supervisor,
        "supervisor_south": member(Role.SUPERVISOR, places.agency, places.other_team, "supervisor_south"),
        "provider": places.provider,
        "provider_other": places.provider2,
        "receiver_caseworker": places.caseworker_shelter,
        "practitioner": places.practitioner,
        "officer": places.officer,
        "officer_other": member(Role.OFFICER, places.other_body, None, "officer_other"),
        "examiner": places.examiner,
        "coordinator": places.coordinator,
        "analyst": member(Role.ANALYST, places.body, None, "analyst"),
        "auditor": member(Role.AUDITOR, places.agency, None, "auditor"),
        "admin": places.admin,
        "privacy": places.privacy,
        "caseworker_other": member(Role.CASEWORKER, places.other_agency, places.other_agency_team, "other"),
        "caseworker_abroad": places.caseworker_br,
        "leaver": _leaver(places),
        "nobody": None,
    }
    secret = make_password(factories.PASSWORD)  # once: it is meant to be slow
    for user in filter(None, found.values()):
        user.password = secret
        user.save()
    return found


def _leaver(places: MatrixPlaces) -> User:
    """Worked in the team until yesterday."""
    user, now = factories.user("leaver"), timezone.now()
    Membership.objects.create(
        user=user,
        organization=places.agency,
        team=places.team,
        role=Role.CASEWORKER,
        started_at=now - timedelta(days=90),
        ended_at=now - timedelta(days=1),
        ended_by=places.supervisor,
    )
    return user


def offers(places: MatrixPlaces, canaries: Canaries) -> Iterator[tuple[str, ServiceAtLocation]]:
    """Services at locations, each with an address; one is not offered any more."""
    yield "offer.shelter", _offer(places.shelter, "offer.shelter", "confidential", canaries)
    yield "offer.clinic", _offer(places.clinic, "offer.clinic", "partner", canaries)
    gone = _offer(places.shelter, "offer.retired", "confidential", canaries)
    gone.retired_at, gone.retired_by = timezone.now(), places.provider
    gone.save()
    yield "offer.retired", gone


def _offer(provider: Organization, thing: str, tier: str, canaries: Canaries) -> ServiceAtLocation:
    service = Service.objects.create(organization=provider, kind="shelter", name=f"Service {thing}")
    address = f"{canaries.word(thing, f'{tier}_address')} street"
    place = Location(
        organization=provider,
        name=f"Place {thing}",
        region="AR-C",
        address=address,
        tier=tier,
        time_zone="UTC",
    )
    actions.add_location(place, by=None)
    return ServiceAtLocation.objects.create(service=service, location=place, places_free=500)
