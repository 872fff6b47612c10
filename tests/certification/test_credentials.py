"""Suspended, reinstated, revoked, expired: which days count, and that past days stay as they were."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification import actions
from certification.actions.credentials import OwnCredential
from certification.eligibility import staff_requirements
from certification.models import Accreditation, Certificate
from certification.models.credentials import first_running_day
from tests import factories
from tests.certification.builders import certificate, scheme
from victimcare import records
from victimcare.models import Membership, Role
from victimcare.workflow import IllegalTransition

TODAY = timezone.localdate
DAY = timedelta(days=1)


def counts(credential, day) -> bool:
    return type(credential).objects.valid_on(day).filter(pk=credential.pk).exists()


def test_suspended_accreditation_does_not_count_from_that_day_on(world):
    held, today = world.accreditation, TODAY()
    suspended = actions.suspend(held, by=world.officer, reason="complaint")
    assert [counts(held, today + n * DAY) for n in (-2, 0, 1)] == [True, False, False]
    suspension = suspended.suspensions.get()
    assert (suspended.status, suspension.until_day, suspension.created_by) == (
        "suspended",
        None,
        world.officer,
    )


def test_reinstated_it_counts_again_and_the_days_between_stay(world):
    held, today = world.accreditation, TODAY()
    actions.suspend(held, by=world.officer, reason="safety", from_day=today - 5 * DAY)
    reinstated = actions.reinstate(held, by=world.officer, reason="corrected")
    assert [counts(held, today - n * DAY) for n in (6, 5, 1, 0)] == [True, False, False, True]
    assert (reinstated.status, reinstated.suspensions.get().until_day) == ("issued", today)


def test_suspended_twice_keeps_both(world):
    held, today = world.accreditation, TODAY()
    actions.suspend(held, by=world.officer, reason="safety", from_day=today - 5 * DAY)
    actions.reinstate(held, by=world.officer)
    actions.suspend(held, by=world.officer, reason="complaint")
    assert held.suspensions.count() == 2
    assert not counts(held, today)


@pytest.mark.parametrize("days", [1, -200])
def test_suspension_begins_neither_in_the_future_nor_before_it_was_valid(world, days):
    with pytest.raises(ValidationError, match="Choose a day"):
        actions.suspend(world.accreditation, by=world.officer, reason="safety", from_day=TODAY() + days * DAY)
    assert world.accreditation.suspensions.count() == 0


def test_suspension_does_not_reach_back_into_an_earlier_one(world):
    held, today = world.accreditation, TODAY()
    actions.suspend(held, by=world.officer, reason="safety", from_day=today - 5 * DAY)
    actions.reinstate(held, by=world.officer)
    with pytest.raises(ValidationError, match="Choose a day"):
        actions.suspend(held, by=world.officer, reason="complaint", from_day=today - DAY)


def test_suspension_needs_a_coded_reason(world):
    with pytest.raises(ValidationError):
        actions.suspend(world.accreditation, by=world.officer, reason="because")


def test_second_click_changes_nothing(world):
    actions.suspend(world.accreditation, by=world.officer, reason="safety")
    with pytest.raises(IllegalTransition):
        actions.suspend(world.accreditation, by=world.officer2, reason="safety")
    assert world.accreditation.suspensions.count() == 1


def test_database_keeps_one_open_suspension(world):
    actions.suspend(world.accreditation, by=world.officer, reason="safety")
    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        world.accreditation.suspensions.create(from_day=TODAY(), reason="safety")


def test_revoked_it_ends_that_day_and_a_suspension_ends_with_it(world):
    held, today = world.accreditation, TODAY()
    actions.suspend(held, by=world.officer, reason="safety", from_day=today - 2 * DAY)
    revoked = actions.revoke(held, by=world.officer, reason="false_information")
    assert (revoked.status, revoked.ended_on, revoked.ended_by) == ("revoked", today, world.officer)
    assert (revoked.reason, held.suspensions.get().until_day) == ("false_information", today)
    assert [counts(held, today - n * DAY) for n in (3, 1, 0)] == [True, False, False]
    with pytest.raises(IllegalTransition):
        actions.reinstate(held, by=world.officer)


@pytest.mark.parametrize(
    "who", ["examiner", "provider", "practitioner", "coordinator", "caseworker", "admin"]
)
def test_only_officers_of_the_body_suspend(world, who):
    with pytest.raises((PermissionDenied, OwnCredential)):
        actions.suspend(world.accreditation, by=getattr(world, who), reason="safety")


def test_nobody_suspends_reinstates_or_revokes_what_they_hold(world):
    holder = world.officer2
    held = certificate(world.body, holder, scheme(world.body))
    _refused_all_steps(held, holder, world.officer)


def test_who_works_at_an_institution_does_not_touch_its_accreditation(world):
    insider = factories.member(Role.OFFICER, world.body)
    Membership.objects.create(user=insider, organization=world.shelter, role=Role.PROVIDER)
    _refused_all_steps(world.accreditation, insider, world.officer)


def _refused_all_steps(held, holder, colleague):
    with pytest.raises(OwnCredential, match="colleagues"):
        actions.suspend(held, by=holder, reason="safety")
    suspended = actions.suspend(held, by=colleague, reason="safety")
    with pytest.raises(OwnCredential, match="colleagues"):
        actions.reinstate(suspended, by=holder, reason="corrected")
    with pytest.raises(OwnCredential, match="colleagues"):
        actions.revoke(suspended, by=holder, reason="closed")
    suspended.refresh_from_db()
    assert suspended.status == "suspended"


def test_others_are_told_once_when_it_lapses(world):
    told = []

    def listen(sender, credential, **kwargs):
        told.append((sender, credential.pk, credential.status))

    actions.credential_lapsed.connect(listen)
    try:
        actions.suspend(world.accreditation, by=world.officer, reason="safety")
        actions.reinstate(world.accreditation, by=world.officer)
        actions.revoke(world.accreditation, by=world.officer, reason="closed")
    finally:
        actions.credential_lapsed.disconnect(listen)
    pk = world.accreditation.pk
    assert told == [(Accreditation, pk, "suspended"), (Accreditation, pk, "revoked")]


def test_expired_is_shown_at_once_and_marked_later(world):
    today = TODAY()
    held = factories.accreditation(world.body, world.shelter, valid_until=today - DAY)
    assert (held.status, held.status_on(today)) == ("issued", "expired")
    assert not counts(held, today)
    assert actions.expire_due(timezone.now()) == 1
    held.refresh_from_db()
    assert held.status == "expired"
    assert held.history.count() == 2
    assert actions.expire_due(timezone.now()) == 0


LIMA = "America/Lima"


def _of_institution(world, **days):
    records.change(world.shelter, by=None, time_zone=LIMA)
    return factories.accreditation(world.body, world.shelter, **days)


def _of_one_place(world, **days):
    place = factories.location(world.shelter, time_zone=LIMA)
    return factories.accreditation(world.body, world.shelter, location=place, **days)


def _of_person(world, **days):
    records.change(world.body, by=None, time_zone=LIMA)
    return certificate(world.body, world.practitioner, scheme(world.body), **days)


@pytest.mark.parametrize("issue", [_of_institution, _of_one_place, _of_person])
def test_it_expires_at_midnight_in_its_own_time_zone(world, issue):
    last = date(2026, 3, 4)
    issued = issue(world, valid_from=last, valid_until=last)
    held, midnight = type(issued).objects.get(pk=issued.pk), datetime(2026, 3, 5, tzinfo=ZoneInfo(LIMA))
    assert held.over_at == midnight
    assert actions.expire_due(midnight - timedelta(seconds=1)) == 0
    assert actions.expire_due(midnight) == 1


def test_what_is_issued_is_looked_at_after_its_last_day_and_those_who_rely_on_it_are_told(world):
    decided = approved(world)
    [planned] = DBTaskResult.objects.filter(task_path="certification.tasks.expire_due")
    held = decided.accreditation
    assert planned.run_after == held.over_at
    told = []

    def listen(sender, credential, **kwargs):
        told.append((credential.pk, credential.status))

    actions.credential_lapsed.connect(listen)
    try:
        assert actions.expire_due(held.over_at - DAY) == 0
        assert actions.expire_due(held.over_at) == 1
    finally:
        actions.credential_lapsed.disconnect(listen)
    assert told == [(held.pk, "expired")]


def approved(world):
    """An application of the shelter, decided."""
    applied = actions.apply_for_accreditation(
        world.shelter, factories.accreditation_kind(world.body), by=world.provider
    )
    actions.submit_application(applied, by=world.provider)
    actions.start_review(applied, by=world.examiner)
    actions.finish_review(applied, by=world.examiner, recommendation="approved")
    return actions.decide(applied, by=world.officer, decision="approved", reason="requirements_met")


def test_suspension_of_what_expires_ends_with_it(world):
    today = TODAY()
    held = factories.accreditation(world.body, world.shelter, valid_until=today)
    actions.suspend(held, by=world.officer, reason="safety", from_day=today - DAY)
    actions.expire_due(held.over_at)
    assert held.suspensions.get().until_day == today + DAY


def test_certificate_is_suspended_alike(world):
    held = certificate(world.body, world.practitioner, scheme(world.body))
    actions.suspend(held, by=world.officer, reason="ce_overdue")
    assert not counts(held, TODAY())


offsets = st.integers(min_value=0, max_value=30)


@st.composite
def life(draw):
    """(first day, last day, day of its end or None, state, suspensions): whatever the database accepts.

    Days count from `_first`: some are over everywhere, some are not.
    """
    begin = draw(offsets)
    until = draw(st.integers(min_value=begin, max_value=30))
    end = draw(st.none() | offsets)
    state = draw(st.sampled_from(["issued", "issued", "suspended", "expired"]))
    pauses = []
    for _ in range(draw(st.integers(min_value=0, max_value=3))):
        start = draw(offsets)
        pauses.append((start, draw(st.integers(min_value=start, max_value=31))))
    if draw(st.booleans()):
        pauses.append((draw(offsets), None))
    return begin, until, end, state, pauses


def expected(story, number, day) -> bool:
    """The rule in plain words: begun, not over, not ended, no suspension running, and on a day that is not
    over everywhere its state is that of what was issued.
    """
    begin, until, end, state, pauses = story
    running = any(start <= number and (over is None or number < over) for start, over in pauses)
    stands = state == "issued" or day < first_running_day()
    return begin <= number <= until and (end is None or number < end) and stands and not running


def _first() -> date:
    return TODAY() - 15 * DAY


def _days():
    return [(number, _first() + number * DAY) for number in range(-1, 33)]


random_histories = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@random_histories
@given(stories=st.lists(life(), min_size=1, max_size=3))
def test_days_that_count_are_those_of_the_plain_rule(world, stories):
    assert {world.body.pk, world.shelter.pk, world.officer.pk}  # made outside of what is rolled back
    with transaction.atomic():
        held = {_accreditation(world, story).pk: story for story in stories}
        for number, day in _days():
            found = Accreditation.objects.valid_on(day).filter(pk__in=held)
            assert set(found.values_list("pk", flat=True)) == {
                pk for pk, story in held.items() if expected(story, number, day)
            }
        transaction.set_rollback(True)


@random_histories
@given(stories=st.lists(life(), min_size=1, max_size=3))
def test_database_counts_the_certificates_of_staff_by_the_same_rule(world, stories):
    assert {world.body.pk, world.shelter.pk, world.officer.pk}  # made outside of what is rolled back
    with transaction.atomic():
        version = scheme(world.body, "nacp-basic")
        kind = factories.accreditation_kind(world.body, required_certificates={"nacp-basic": 1})
        demanding = factories.accreditation(world.body, world.shelter, kind=kind)
        held = {_certificate(world, story, version).pk: story for story in stories}
        for number, day in _days():
            count = sum(expected(story, number, day) for story in held.values())
            assert Certificate.objects.valid_on(day).filter(pk__in=held).count() == count
            assert [one.held for one in staff_requirements(demanding, day)] == [count]
        transaction.set_rollback(True)


def _accreditation(world, story):
    return _paused(factories.accreditation(world.body, world.shelter, **_stored(world, story)), story)


def _certificate(world, story, version):
    """Of a member of the shelter's staff who always worked there."""
    holder = factories.member(Role.PROVIDER, world.shelter)
    work = Membership.objects.get(user=holder)
    work.started_at = timezone.now() - 99 * DAY
    work.save()
    return _paused(certificate(world.body, holder, version, **_stored(world, story)), story)


def _stored(world, story):
    begin, until, end, state, _pauses = story
    days = {"valid_from": _first() + begin * DAY, "valid_until": _first() + until * DAY, "status": state}
    if end is None:
        return days
    return days | {"ended_on": _first() + end * DAY, "ended_at": timezone.now(), "ended_by": world.officer}


def _paused(made, story):
    for start, over in story[-1]:
        until_day = None if over is None else _first() + over * DAY
        made.suspensions.create(from_day=_first() + start * DAY, until_day=until_day, reason="safety")
    return made
