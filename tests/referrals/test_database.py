"""What the database refuses by itself: raw SQL as the application's role, past every line of Python."""

import pytest
from django.db import IntegrityError, connection, transaction

from certification import actions as certification_actions
from referrals import actions
from referrals.models import Referral
from tests import factories
from victimcare import records


def _set(referral, **columns):
    named = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE referrals_referral SET {named} WHERE id = %s",
            [*columns.values(), referral.pk],
        )


def _refused(constraint, referral, **columns):
    """The constraint of that name refuses it, and nothing is changed."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        _set(referral, **columns)
    assert refusal.value.__cause__.diag.constraint_name == constraint


def _stamped(referral, *stamps):
    by, at = referral.created_by_id, referral.created_at
    return {name: value for one in stamps for name, value in ((f"{one}_by_id", by), (f"{one}_at", at))}


@pytest.fixture
def suspended(world, draft):
    """A draft to a provider that was suspended since."""
    certification_actions.suspend(world.accreditation, by=world.officer, reason="complaint")
    return draft


# -- Only to the accredited ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["sent", "received", "waitlisted", "accepted", "completed", "expired"])
def test_a_draft_leaves_only_towards_the_accredited(suspended, status):
    stamps = _stamped(suspended, "sent", "received", "answered", "ended")
    _refused("sent_only_to_the_accredited", suspended, status=status, outcome="provided", **stamps)


def test_nothing_is_stored_as_sent_to_who_is_not_accredited(world, suspended):
    copied = ("organization", "team", "receiver", "case", "service_at_location", "consent", "subject_key")
    values = {name: getattr(suspended, name) for name in copied}
    with pytest.raises(IntegrityError, match="not accredited"), transaction.atomic():
        Referral.objects.create(
            **values, status="sent", sent_at=suspended.created_at, sent_by=world.caseworker
        )


@pytest.mark.parametrize("status", ["accepted", "in_progress", "not_completed"])
def test_what_was_sent_is_taken_over_only_by_the_accredited(world, sent, status):
    certification_actions.suspend(world.accreditation, by=world.officer, reason="complaint")
    stamps = _stamped(sent, "answered", "ended")
    _refused("sent_only_to_the_accredited", sent, status=status, end_reason="contact_lost", **stamps)


def test_what_expired_does_not_come_back_to_a_suspended_provider(world, sent):
    actions.expire_due_referrals(sent.answer_until)
    certification_actions.suspend(world.accreditation, by=world.officer, reason="complaint")
    _refused("sent_only_to_the_accredited", sent, status="received", **_stamped(sent, "received"))


@pytest.mark.parametrize("status", ["sent", "draft", "accepted"])
def test_what_was_withdrawn_stays_withdrawn(world, draft, status):
    actions.withdraw_referral(draft, by=world.caseworker, reason="person_asked")
    _refused("withdrawn_for_good", draft, status=status, **_stamped(draft, "sent", "answered"))


def test_what_was_sent_is_no_draft_again(sent):
    _refused("sent_for_good", sent, status="draft")


@pytest.mark.parametrize(
    "of",
    [
        lambda world: world.accreditation,
        lambda world: world.offer,
        lambda world: world.offer.service,
        lambda world: world.offer.location,
    ],
    ids=["accreditation", "offer", "service", "location"],
)
def test_what_is_retired_is_not_sent_to(world, draft, of):
    records.retire(of(world), by=world.officer)
    _refused("sent_only_to_the_accredited", draft, status="sent", **_stamped(draft, "sent"))


# -- To whom, for whom and on which consent: as it was sent --------------------------------------------------


def _another(world):
    """The same person asked somebody else, who is not accredited."""
    case = factories.case(world.team, world.caseworker)
    return {
        "receiver_id": world.clinic.pk,
        "service_at_location_id": factories.service_at_location(world.clinic).pk,
        "case_id": case.pk,
        "consent_id": factories.consent(case, world.clinic).pk,
    }


@pytest.mark.parametrize("column", ["receiver_id", "service_at_location_id", "case_id", "consent_id"])
def test_what_was_sent_keeps_its_address_case_and_consent(world, sent, column):
    _refused("sent_as_it_was", sent, **{column: _another(world)[column]})
    assert not Referral.objects.visible_to(world.provider2).exists()


def test_a_draft_may_still_change_its_address(world, draft):
    another = _another(world)
    _set(draft, receiver_id=another["receiver_id"], service_at_location_id=another["service_at_location_id"])
    assert Referral.objects.get(pk=draft.pk).receiver == world.clinic


# -- A step has somebody who took it -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "stamp"),
    [
        ("received", "received"),
        ("accepted", "answered"),
        ("declined", "answered"),
        ("in_progress", "answered"),
        ("withdrawn", "ended"),
    ],
)
def test_a_step_that_nobody_took_is_not_stored(sent, status, stamp):
    _refused(f"{stamp}_by_somebody", sent, status=status, end_reason="no_capacity")


@pytest.mark.parametrize("status", ["completed", "not_completed"])
def test_an_end_that_nobody_reported_is_not_stored(accepted, status):
    _refused("ended_by_somebody", accepted, status=status, end_reason="contact_lost", outcome="provided")


@pytest.mark.parametrize("stamp", ["sent", "received", "answered", "ended"])
def test_a_time_without_somebody_is_not_stored(draft, stamp):
    _refused(f"{stamp}_by_somebody", draft, **{f"{stamp}_at": draft.created_at})
