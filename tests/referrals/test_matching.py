"""The rules of matching: plain values in, reasons in words out."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.matching import Need, Offer, Standing, Weight, home, judge, rank
from referrals.proposals import ages_of
from victimcare.encryption.dates import PartialDate

ACCREDITED = Standing(accredited=True)
NEED = Need(
    service_kind="shelter",
    organization_id=UUID(int=1),
    member_state="AR",
    enrolment_kinds=frozenset({"victim"}),
    gender="woman",
    ages=(34, 34),
    region="AR-B",
    language="es",
)
OFFER = Offer(
    pk=UUID(int=10),
    organization_id=UUID(int=2),
    organization_name="House",
    member_state="AR",
    service_name="Shelter",
    location_name="Main",
    location_region="AR-B",
    standing=ACCREDITED,
    places_free=2,
)


def _said(need, offer):
    return [reason.text for reason in judge(need, offer).against]


def test_an_accredited_offer_without_restrictions_is_included_with_its_reasons():
    verdict = judge(NEED, OFFER)
    assert verdict.included
    texts = [reason.text for reason in verdict.reasons]
    assert texts == ["Accredited today for this kind of service", "In the same region", "Free places: 2"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"standing": Standing(False)}, "Not accredited for this kind of service at this place"),
        (
            {"standing": Standing(False, suspended_since=date(2026, 3, 2))},
            "Accreditation suspended since 2 Mar 2026",
        ),
        (
            {"standing": Standing(False, ended_on=date(2026, 3, 2))},
            "Accreditation not valid since 2 Mar 2026",
        ),
        (
            {"standing": Standing(True, staff_met=False)},
            "Too few of its staff hold the certificates that are required, today",
        ),
        ({"organization_id": NEED.organization_id}, "Your own organisation"),
        ({"genders": ("man",)}, "Takes only: man"),
        ({"age_to": 17}, "Takes people up to 17 years"),
        ({"age_from": 60}, "Takes people from 60 years"),
        ({"age_from": 12, "age_to": 17}, "Takes people from 12 to 17 years"),
        ({"enrolment_kinds": ("drug_dependence",)}, "Not for this kind of case"),
        ({"location_region": "AR-C", "regions": ("AR-C",)}, "Does not serve the region"),
        ({"languages": ("en",)}, "Does not work in the language: Spanish"),
        ({"places_free": 0}, "No place free: waiting list"),
    ],
)
def test_each_exclusion_has_its_reason_in_words(changes, said):
    assert [text.casefold() for text in _said(NEED, replace(OFFER, **changes))] == [said.casefold()]


def test_who_declined_and_who_was_asked_already_is_not_proposed_again():
    assert _said(replace(NEED, refused_by=frozenset({OFFER.organization_id})), OFFER)
    assert _said(replace(NEED, running_at=frozenset({OFFER.pk})), OFFER)


@pytest.mark.parametrize(
    ("changes", "offer", "question"),
    [
        ({"ages": None}, {"age_to": 17}, "Age not known: ask"),
        ({"ages": (16, 20)}, {"age_from": 18}, "Takes people from 18 years: ask for the exact age"),
        ({"gender": "unknown"}, {"genders": ("woman",)}, "Gender not known: ask"),
        ({"enrolment_kinds": frozenset()}, {"enrolment_kinds": ("victim",)}, "Kind of case not known: ask"),
        ({}, {"places_free": None}, "Free places not counted: ask"),
    ],
)
def test_what_is_not_known_excludes_nobody(changes, offer, question):
    verdict = judge(replace(NEED, **changes), replace(OFFER, **offer))
    assert verdict.included
    assert question in [reason.text for reason in verdict.reasons if reason.weight is Weight.ASK]


def test_only_a_full_place_may_be_waited_for():
    full = replace(OFFER, places_free=0)
    assert judge(NEED, full).may_wait
    assert not judge(NEED, replace(full, age_to=17)).may_wait
    assert not judge(NEED, OFFER).may_wait


def test_the_own_member_state_comes_first():
    abroad = replace(OFFER, pk=UUID(int=11), member_state="BR", languages=("es",))
    at_home = replace(OFFER, pk=UUID(int=12), location_region="AR-C")
    included, _excluded = rank(NEED, [abroad, at_home])
    assert [verdict.offer.pk for verdict in included] == [at_home.pk, abroad.pk]


# -- For any need and any offers -----------------------------------------------------------------------------

codes = st.sampled_from(["woman", "man", "non_binary"])
optional_age = st.none() | st.integers(0, 99)
offers = st.builds(
    Offer,
    pk=st.uuids(),
    organization_id=st.sampled_from([UUID(int=number) for number in range(1, 5)]),
    organization_name=st.sampled_from(["A", "B"]),
    member_state=st.sampled_from(["AR", "BR"]),
    service_name=st.just("S"),
    location_name=st.just("L"),
    location_region=st.sampled_from(["AR-B", "AR-C"]),
    standing=st.builds(Standing, accredited=st.booleans(), staff_met=st.booleans()),
    regions=st.lists(st.sampled_from(["AR-B", "AR-C"]), max_size=2).map(tuple),
    languages=st.lists(st.sampled_from(["es", "pt"]), max_size=2).map(tuple),
    enrolment_kinds=st.lists(st.sampled_from(["victim", "drug_dependence"]), max_size=2).map(tuple),
    genders=st.lists(codes, max_size=2).map(tuple),
    age_from=optional_age,
    age_to=optional_age,
    places_free=st.none() | st.integers(0, 3),
)
needs = st.builds(
    Need,
    service_kind=st.just("shelter"),
    organization_id=st.just(UUID(int=1)),
    member_state=st.just("AR"),
    enrolment_kinds=st.frozensets(st.sampled_from(["victim", "drug_dependence"])),
    gender=codes | st.just("unknown"),
    ages=st.none() | st.tuples(st.integers(0, 60), st.integers(0, 40)).map(lambda two: (two[0], sum(two))),
    region=st.sampled_from(["", "AR-B"]),
    home=st.sampled_from(["", "AR-B", "AR-C"]),
    language=st.sampled_from(["", "es"]),
    refused_by=st.frozensets(st.just(UUID(int=3))),
)


def test_a_place_in_another_region_is_proposed_with_a_question():
    reason = home(NEED, replace(OFFER, location_region="AR-C", regions=()))
    assert reason.weight is Weight.ASK


def test_without_a_wish_the_persons_own_region_counts_and_excludes_nobody():
    need = replace(NEED, region="", home="AR-B")
    far = replace(OFFER, pk=UUID(int=13), organization_name="A", location_region="AR-C", genders=("woman",))
    included, excluded = rank(need, [far, OFFER])
    assert [verdict.offer.pk for verdict in included] == [OFFER.pk, far.pk]
    assert excluded == []
    said = [reason.text for reason in included[1].reasons if reason.weight is Weight.ASK]
    assert said == ["In another region: ask whether the person can and wants to go"]


def test_a_region_that_was_chosen_goes_before_the_persons_own_with_the_same_question():
    need = replace(NEED, region="AR-C", home="AR-B")
    chosen = replace(OFFER, pk=UUID(int=14), location_region="AR-C")
    only_at_home = replace(OFFER, pk=UUID(int=15), regions=("AR-B",))
    included, excluded = rank(need, [OFFER, chosen, only_at_home])
    assert [verdict.offer.pk for verdict in included] == [chosen.pk, OFFER.pk]
    texts = [reason.text for reason in included[0].reasons]
    assert "In the region that you chose" in texts
    assert "In another region: ask whether the person can and wants to go" in texts
    assert [verdict.offer.pk for verdict in excluded] == [only_at_home.pk]


@given(needs, st.lists(offers, max_size=12))
def test_ranking_loses_and_invents_nothing(need, some):
    included, excluded = rank(need, some)
    assert sorted(str(v.offer.pk) for v in included + excluded) == sorted(str(offer.pk) for offer in some)
    assert all(verdict.reasons for verdict in included + excluded)
    assert all(verdict.against for verdict in excluded)


@given(needs, offers)
def test_nobody_is_proposed_without_accreditation_or_after_a_refusal(need, offer):
    if judge(need, offer).included:
        assert offer.standing.eligible
        assert offer.organization_id not in need.refused_by | {need.organization_id}
        assert offer.places_free != 0


@given(needs, offers)
def test_knowing_less_of_a_person_never_excludes_more(need, offer):
    ignorant = replace(need, ages=None, gender="unknown", region="", home="", language="")
    assert len(judge(ignorant, offer).against) <= len(judge(need, offer).against)


@given(needs, st.lists(offers, max_size=8), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_asking(need, some, random):
    shuffled = list(some)
    random.shuffle(shuffled)
    assert rank(need, some) == rank(need, shuffled)


@pytest.mark.parametrize(
    ("birth", "told", "ages"),
    [
        (None, None, None),
        ("1990-06-01", None, (36, 36)),
        ("1990-06-02", None, (35, 35)),
        ("1990", None, (35, 36)),
        ("1990~", None, (34, 37)),
        (None, {"from": 21, "to": 24, "on": "2020"}, (26, 30)),
        (None, {"from": 65, "on": "2026"}, (65, 200)),
    ],
)
def test_ages_come_from_whatever_is_known(birth, told, ages):
    person = SimpleNamespace(birth=PartialDate.parse(birth), age=told)
    assert ages_of(person, date(2026, 6, 1)) == ages
