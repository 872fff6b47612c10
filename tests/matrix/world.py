"""The whole world of the matrix: built once, asked many times."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.urls import reverse

from cases.models import RecordRequest
from cases.notices import ASSIGNED
from referrals.models import ServiceAtLocation
from tests.matrix.cases import CaseMaker, Thing, plain_cases
from tests.matrix.emergencies import emergencies
from tests.matrix.erasures import erasures
from tests.matrix.papers import PaperMaker
from tests.matrix.places import Canaries, MatrixPlaces, offers, people
from tests.matrix.referrals import ReferralMaker
from tests.matrix.table import table
from victimcare import records
from victimcare.models import Membership, Notification, Team, User


@dataclass(slots=True)
class World:
    places: MatrixPlaces = field(default_factory=MatrixPlaces)
    canaries: Canaries = field(default_factory=Canaries)
    people: dict[str, User | None] = field(default_factory=dict)
    things: dict[str, Thing] = field(default_factory=dict)
    # Where each role works on cases.
    teams: dict[str, Team] = field(default_factory=dict)
    papers: Any = None

    def of_kinds(self, kinds: list[str]) -> list[Thing]:
        return [thing for thing in self.things.values() if thing.kind in kinds]

    def add(self, *things: Thing) -> None:
        self.things |= {thing.name: thing for thing in things}

    def may_read(self, role: str) -> set[str]:
        """Every canary that the table lets this role read."""
        return {
            text
            for text, places in self.canaries.of.items()
            if any(self._reads(role, thing, part) for thing, part in places)
        }

    def behind_rows(self) -> set[str]:
        """The canaries that the database keeps back too: all but those of a column of a row that is known."""
        return {
            text
            for text, places in self.canaries.of.items()
            if not any(self._by_column(thing, part) for thing, part in places)
        }

    def _reads(self, role: str, thing: str, part: str) -> bool:
        relation = table().relation(role, thing)
        return any(table().reads(one, role, relation) for one in _readings(thing, part))

    def _by_column(self, thing: str, part: str) -> bool:
        return any(one.by_column for one in _readings(thing, part))


def _readings(thing: str, part: str) -> list[Any]:
    """The lines about this part; raises KeyError where there is none."""
    kind = thing.partition(".")[0]
    found = [one for one in table().readings if one.kind == kind and part in one.parts]
    if not found:
        raise KeyError(f"expectations.txt does not say who reads {part} of {kind}")
    return found


def build() -> World:
    world = World()
    world.people = people(world.places)
    roles = {user.pk: role for role, user in world.people.items() if user}
    placed = Membership.objects.active().filter(user__in=roles, team__isnull=False).select_related("team")
    world.teams = {roles[one.user_id]: one.team for one in placed}
    _papers(world)
    maker = CaseMaker(world.places, world.canaries)
    world.add(*plain_cases(maker, world.people))
    world.add(*erasures(maker, world.people))
    world.add(*emergencies(maker, world.people))
    _referrals(world, maker)
    _memberships(world)
    _requests(world)
    _notifications(world)
    return world


def _papers(world: World) -> None:
    world.papers = papers = PaperMaker(world.places, world.canaries, world.people)
    world.add(*papers.applications())
    world.add(*papers.certificates(world.things["application.decided"].record))
    world.add(*papers.accreditations())
    found = dict(offers(world.places, world.canaries))
    world.add(*(Thing(name, offer) for name, offer in found.items()))
    world.things["offer.retired"].marks.add("gone")


def _requests(world: World) -> None:
    asker = world.people["caseworker_other"]
    record = RecordRequest.objects.create(
        asking=uuid4(),
        organization=world.teams["caseworker_other"].organization,
        case=world.things["case.colleagues"].record,
        created_by=asker,
    )
    world.canaries.add(record.pk, "request.waiting", "id")
    world.add(Thing("request.waiting", record))


def _notifications(world: World) -> None:
    case = world.things["case.mine"].record
    record = Notification.objects.create(
        recipient=world.people["caseworker"],
        kind=ASSIGNED,
        reference=case.number,
        link=reverse("cases:case", args=[case.pk]),
        record_id=case.pk,
    )
    world.canaries.add(record.pk, "notification.own", "id")
    world.add(Thing("notification.own", record))


def _memberships(world: World) -> None:
    """The administrator's own, a colleague's, one that ended, and a stranger's here and abroad."""
    of = {"own": "admin", "colleague": "colleague", "ended": "leaver"}
    of |= {"other": "caseworker_other", "abroad": "caseworker_abroad"}
    for name, role in of.items():
        record = Membership.objects.get(user=world.people[role])
        world.canaries.add(record.pk, f"membership.{name}", "id")
        world.add(Thing(f"membership.{name}", record, marks={name}))


def _referrals(world: World, maker: CaseMaker) -> None:
    """Each with its case; the shelter opened a case of its own from one of them."""
    offered = {
        "offer.shelter": world.things["offer.shelter"].record,
        "offer.of_other": world.things["offer.clinic"].record,
        "offer.of_abroad": world.papers.offer_abroad(),
    }
    for case, referral in ReferralMaker(maker, offered, world.people).all():
        world.add(case, referral)
    for offer in world.of_kinds(["offer"]):
        # Places were taken meanwhile.
        offers_now = ServiceAtLocation.objects.select_related("service__organization", "location")
        offer.record = offers_now.get(pk=offer.record.pk)
    taken_over = world.things["referral.taken_over"]
    taken_over.record = records.change(
        taken_over.record, by=world.people["provider"], received_case=world.things["case.received"].record
    )
