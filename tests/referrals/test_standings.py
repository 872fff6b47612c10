"""Who is accredited today: the queryset of the product and the trigger of the database agree."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referrals.models import Referral
from referrals.standings import standing_of, standings_of
from tests import factories
from tests.certification.builders import certificate, scheme
from victimcare import records

DAY = timedelta(days=1)
around = st.integers(min_value=-3, max_value=3)  # days from today


@st.composite
def accreditations(draw):
    begin = draw(around)
    return {
        "service_kind": draw(st.sampled_from(["shelter", "shelter", "legal_aid"])),
        "place": draw(st.sampled_from(["all", "here", "elsewhere"])),
        "status": draw(st.sampled_from(["issued", "issued", "suspended", "expired"])),
        "required": draw(st.sampled_from([{}, {"nacp-basic": 1}])),
        **_days(draw, begin),
    }


@st.composite
def certificates(draw):
    return {"status": draw(st.sampled_from(["issued", "suspended"])), **_days(draw, draw(around))}


def _days(draw, begin):
    return {
        "begin": begin,
        "until": draw(st.integers(min_value=begin, max_value=4)),
        "end": draw(st.none() | around),
        "pause": draw(st.none() | st.tuples(around, st.none() | st.just(4))),
    }


@pytest.fixture
def resting(draft, world):
    """A draft to the shelter's offer, whose accreditation is over."""
    over = timezone.localdate() - 9 * DAY
    records.change(world.accreditation, by=None, valid_from=over, valid_until=over)
    scheme(world.body, "nacp-basic")
    assert {world.provider.pk, world.officer.pk}  # made outside of what is rolled back
    return draft


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=st.lists(accreditations(), max_size=3), of_staff=st.lists(certificates(), max_size=2))
def test_product_and_database_agree_on_who_may_be_sent_to(world, resting, held, of_staff):
    with transaction.atomic():
        for story in held:
            _accredit(world, story)
        for story in of_staff:
            _certify(world, story)
        assert standing_of(world.offer).eligible == _database_lets_out(resting)
        transaction.set_rollback(True)


def _accredit(world, story):
    places = {"all": None, "here": world.offer.location, "elsewhere": factories.location(world.shelter)}
    kind = factories.accreditation_kind(
        world.body, story["service_kind"], required_certificates=story["required"]
    )
    made = factories.accreditation(
        world.body, world.shelter, kind=kind, location=places[story["place"]], **_stored(world, story)
    )
    _pause(made, story)


def _certify(world, story):
    version = scheme(world.body, "nacp-basic", version=factories.user().username)
    _pause(certificate(world.body, world.provider, version, **_stored(world, story)), story)


def _stored(world, story):
    today = timezone.localdate()
    stored = {
        "valid_from": today + story["begin"] * DAY,
        "valid_until": today + story["until"] * DAY,
        "status": story["status"],
    }
    if story["end"] is None:
        return stored
    ended_on = today + story["end"] * DAY
    return stored | {"ended_on": ended_on, "ended_at": timezone.now(), "ended_by": world.officer}


def _pause(made, story):
    if story["pause"]:
        start, over = (day and timezone.localdate() + day * DAY for day in story["pause"])
        made.suspensions.create(from_day=start or timezone.localdate(), until_day=over, reason="safety")


def _database_lets_out(referral) -> bool:
    """Raw SQL as the application's role, past every line of Python."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE referrals_referral SET status = 'sent', sent_at = now(), sent_by_id = %s "
                "WHERE id = %s",
                [referral.created_by_id, referral.pk],
            )
    except IntegrityError as error:
        assert error.__cause__.diag.constraint_name == "sent_only_to_the_accredited"  # noqa: PT017  # the value is asked
        return False
    assert Referral.objects.get(pk=referral.pk).status == "sent"
    return True


def test_many_offers_are_one_query(world, django_assert_num_queries):
    offers = [factories.service_at_location(world.shelter) for _ in range(50)]
    factories.accreditation(world.body, world.shelter)
    for some in (offers[:1], offers):
        with django_assert_num_queries(1):
            assert all(standing.eligible for standing in standings_of(some).values())


def test_reason_is_the_latest_suspension_or_the_latest_end(world):
    today = timezone.localdate()
    for days in (5, 3):
        factories.accreditation(world.body, world.shelter, valid_until=today - days * DAY)
    assert standing_of(world.offer).ended_on == today - 2 * DAY
    for days in (8, 6):
        paused = factories.accreditation(world.body, world.shelter, status="suspended")
        paused.suspensions.create(from_day=today - 20 * DAY, until_day=today - 19 * DAY, reason="safety")
        paused.suspensions.create(from_day=today - days * DAY, reason="safety")
    assert standing_of(world.offer).suspended_since == today - 6 * DAY
    assert not standing_of(world.offer).accredited
