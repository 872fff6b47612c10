"""What the database lists is what the rules say: the same offers, in the same order, of however many."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import models
from django.utils import timezone
from hypothesis import given

from referrals import actions, directory, matching, proposals, shortlist
from referrals.forms import LongSelect
from referrals.matching import Need, best_elsewhere, judge, rank
from referrals.models import ServiceAtLocation
from referrals.proposals import Wish, candidates, offers_of
from tests import factories
from tests.certification.builders import scheme
from tests.factories import World
from tests.referrals.test_matching import needs, offers
from victimcare import actions as places
from victimcare import records
from victimcare.models import Location

pytestmark = pytest.mark.django_db

REGIONS = ["AR-B", "AR-C", "AR-X"]
LANGUAGES, GENDERS, KINDS = ["es", "pt"], ["woman", "man"], ["victim", "drug_dependence"]


def some(chance: random.Random, choices: list[str]) -> list[str]:
    return chance.sample(choices, chance.choice([0, 0, 1, 1, len(choices)]))


def add_offer(chance: random.Random, provider: Any) -> ServiceAtLocation:
    region = chance.choice(["BR-SP", "BR-RJ"] if provider.member_state_id == "BR" else REGIONS)
    offer = factories.service_at_location(
        provider,
        regions=some(chance, REGIONS),
        languages=some(chance, LANGUAGES),
        genders=some(chance, GENDERS),
        enrolment_kinds=some(chance, KINDS),
        age_from=chance.choice([None, None, 0, 18, 60]),
        age_to=chance.choice([None, None, 17, 65]),
    )
    records.change(offer, by=None, places_free=chance.choice([None, 0, 1, 5]))
    zone = chance.choice(
        ["UTC", "UTC", "Pacific/Kiritimati", "Etc/GMT+12"]
    )  # a day begins there first, and last
    records.change(offer.location, by=None, region=region, time_zone=zone)
    return offer


def some_need(chance: random.Random, world: World, offered: list[ServiceAtLocation]) -> Need:
    youngest = chance.randint(0, 70)
    ages = chance.choice([None, (youngest, youngest), (youngest, youngest + chance.randint(1, 30))])
    providers = [offer.service.organization_id for offer in offered]
    return Need(
        service_kind="shelter",
        organization_id=world.agency.pk,
        member_state="AR",
        enrolment_kinds=frozenset(some(chance, KINDS)),
        gender=chance.choice(["", "unknown", "woman", "man", "non_binary"]),
        ages=ages,
        region=chance.choice(["", *REGIONS]),
        home=chance.choice(["", *REGIONS, "BR-SP"]),
        language=chance.choice(["", *LANGUAGES]),
        refused_by=frozenset(chance.sample(providers, chance.choice([0, 1]))),
        running_at=frozenset({chance.choice(offered).pk}),
        not_available=frozenset(chance.sample(providers, chance.choice([0, 1]))),
    )


@pytest.fixture
def providers(world: World) -> list[Any]:
    """Two of one name, and one of another state; the agency offers something, too."""
    made = [factories.organization(is_provider=True, name=name) for name in ("b", "B", "Á", "Á", "a")]
    records.change(world.agency, by=None, is_provider=True)
    return [*made, factories.organization("BR", is_provider=True), world.agency]


@pytest.fixture
def offered(providers: list[Any]) -> list[ServiceAtLocation]:
    chance = random.Random(6)
    return [add_offer(chance, providers[number % len(providers)]) for number in range(70)]


def everything(world: World) -> list[matching.Offer]:
    """All that the rules were asked of, before the database listed any."""
    known = ServiceAtLocation.objects.offered_now().exclude(service__organization=world.agency)
    return offers_of(list(known.values_list("pk", flat=True)))


def pks(verdicts: list[matching.Verdict]) -> list[UUID]:
    return [verdict.offer.pk for verdict in verdicts]


def test_every_rule_has_its_sql() -> None:
    rules = [rule.__name__ for rule in matching.RULES]
    assert [name for name in rules if name not in {"own_organization", "staff"}] == list(shortlist.RULES)


def test_order_is_that_of_the_rules(
    world: World, providers: list[Any], offered: list[ServiceAtLocation]
) -> None:
    for provider in providers[:4]:
        factories.accreditation(world.body, provider)
    factories.accreditation(world.body, providers[4], location=offered[4].location)
    chance, known = random.Random(7), everything(world)
    for _number in range(150):
        need = some_need(chance, world, offered)
        included, excluded = rank(need, known)
        listed = shortlist.listed(need, first=None, others=1000)
        assert listed == (pks(included), pks(excluded)), need
        near = {offer.pk for offer in known if need.near & {offer.location_region, *offer.regions}}
        if need.near:
            of_near = shortlist.listed(need, first=None, others=1000, near=need.near)
            assert of_near == tuple([pk for pk in part if pk in near] for part in listed), need


@pytest.fixture
def standing(world: World, providers: list[Any], offered: list[ServiceAtLocation]) -> None:
    """As accreditations go: some are over, suspended, or ask for staff that is not there."""
    today, day = timezone.localdate(), timedelta(days=1)
    scheme(world.body, "nacp-basic")
    demanding = factories.accreditation_kind(world.body, required_certificates={"nacp-basic": 1})
    factories.accreditation(world.body, providers[0])
    factories.accreditation(world.body, providers[1], kind=demanding)
    factories.accreditation(world.body, providers[1], location=offered[1].location)
    factories.accreditation(world.body, providers[2], valid_until=today - day)
    factories.accreditation(world.body, providers[2], location=offered[2].location)
    paused = factories.accreditation(world.body, providers[3])
    paused.suspensions.create(from_day=today, reason="safety")
    factories.accreditation(world.body, providers[4], valid_from=today + day)
    factories.accreditation(world.body, providers[4], location=offered[4].location)
    ending = {"ended_on": today + day, "ended_at": timezone.now(), "ended_by": world.officer}
    factories.accreditation(world.body, providers[5], **ending)


@pytest.mark.parametrize("shown", [1, 4, 200])
@pytest.mark.usefixtures("standing")
def test_first_ones_are_the_first_of_all(
    world: World, offered: list[ServiceAtLocation], shown: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "SHOWN", shown)
    monkeypatch.setattr(proposals, "FIRST", shown + 1)
    monkeypatch.setattr(shortlist, "MANY", 1)
    chance, known = random.Random(shown), everything(world)
    for _number in range(40):
        need = some_need(chance, world, offered)
        included, excluded = rank(need, known)
        monkeypatch.setattr(proposals, "need_of", lambda case, wish, by, need=need: need)
        found = candidates(world.case, Wish("shelter"), by=world.caseworker)
        assert found.included == included[:shown], need
        assert len(found.excluded) == min(shown, len(excluded)) or need.near
        assert set(pks(found.excluded)) <= set(pks(excluded))
        assert found.more_suit or found.included == included
        assert found.more_excluded or found.excluded == excluded


@given(needs, offers)
def test_nothing_elsewhere_has_more_points_than_is_said(need: Need, offer: matching.Offer) -> None:
    elsewhere = judge(need, replace(offer, location_region="AR-X", regions=()))
    assert not need.near or elsewhere.points <= best_elsewhere(need)


def test_page_says_that_there_may_be_more(world: World, login: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(3):
        provider = factories.organization(is_provider=True)
        factories.accreditation(world.body, provider)
        factories.service_at_location(provider)
        factories.service_at_location(factories.organization(is_provider=True))
    address = f"/referrals/cases/{world.case.pk}/candidates/?service_kind=shelter"
    caseworker = login(world.caseworker)
    page = caseworker.get(address).content.decode()
    assert "3 providers suit" in page
    assert "3 providers do not suit: see why" in page
    monkeypatch.setattr(proposals, "SHOWN", 2)
    page = caseworker.get(address).content.decode()
    assert "The 2 providers that suit best" in page
    assert "There may be more." in page
    assert "see why of the 2 that come closest" in page
    assert page.count("Refer here") == 2


# -- What the database keeps on each offer -------------------------------------------------------------------


def reach(offer: ServiceAtLocation) -> tuple[str, list[str]]:
    again = ServiceAtLocation.objects.get(pk=offer.pk)
    return again.offered_kind, again.regions_reached


def test_offer_follows_its_service_and_its_place(world: World) -> None:
    offer = world.offer
    assert reach(offer) == ("shelter", ["AR-C"])
    records.change(offer.service, by=None, regions=["AR-X", "AR-B"])
    assert reach(offer) == ("shelter", ["AR-C", "AR-X", "AR-B"])
    records.change(offer.location, by=None, region="AR-M")
    assert reach(offer) == ("shelter", ["AR-M", "AR-X", "AR-B"])
    assert directory.regions() == ["AR-M"]


@pytest.mark.parametrize("which", ["offer", "service"])
def test_what_is_not_offered_now_is_of_no_kind(world: World, which: str) -> None:
    held = world.offer if which == "offer" else world.offer.service
    records.change(held, by=None, is_active=False)
    assert reach(world.offer) == ("", ["AR-C"])
    records.change(held, by=None, is_active=True)
    assert reach(world.offer) == ("shelter", ["AR-C"])


@pytest.mark.parametrize("which", ["offer", "service", "location"])
def test_what_is_retired_is_of_no_kind(world: World, which: str) -> None:
    held = {"offer": world.offer, "service": world.offer.service, "location": world.offer.location}[which]
    row: Any = models.QuerySet(type(held)).filter(pk=held.pk)
    row.update(retired_at=timezone.now(), retired_by=world.admin)
    assert reach(world.offer) == ("", ["AR-C"])


def test_nobody_writes_another_reach(world: World) -> None:
    row: Any = models.QuerySet(ServiceAtLocation).filter(pk=world.offer.pk)
    row.update(offered_kind="legal_aid", regions_reached=["BR-SP"])
    assert reach(world.offer) == ("shelter", ["AR-C"])
    actions.update_places(world.offer, by=world.provider, places_free=1, is_active=True)
    assert reach(world.offer) == ("shelter", ["AR-C"])


def test_directory_offers_the_regions_where_there_is_something(world: World) -> None:
    assert directory.regions() == []
    for region in ("BR-SP", "AR-B", "AR-B"):
        records.change(world.offer.location, by=None, region=region)
        factories.service_at_location(world.clinic)
    places.add_location(
        Location(
            organization=world.clinic, name="Empty", region="AR-X", address="Nowhere 1", time_zone="UTC"
        ),
        by=None,
    )
    assert directory.regions() == ["AR-B", "AR-C"]


@pytest.mark.parametrize("value", ["", "b", None, "not there"])
def test_long_choice_is_written_as_any_other(value: str | None) -> None:
    choices = [("", "Any"), ("a", "A & <b>"), ("b", 'B "quoted"')]
    long, usual = LongSelect(), LongSelect.__base__()
    long.choices = usual.choices = choices
    written, expected = (
        "".join(one.render("name", value, {"id": "x"}).replace("&#34;", "&quot;").split())
        for one in (long, usual)
    )
    assert written == expected
