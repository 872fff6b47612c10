"""Who is told what of a referral, of consents and of certificates that end."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cases import actions as case_actions
from cases import notices as case_notices
from certification import notices as certification_notices
from referrals import actions
from referrals.models import Referral
from tests import factories
from tests.factories import World
from victimcare import acting
from victimcare.models import Notification


def told(kind: str) -> dict[str, str]:
    """User name -> reference."""
    return dict(Notification.objects.filter(kind=kind).values_list("recipient__username", "reference"))


@pytest.fixture
def sent(world: World) -> Referral:
    assert world.accreditation
    assert world.provider
    consent = factories.consent(world.case, world.shelter)
    made, _new = actions.draft_referral(world.case, offer=world.offer, consent=consent, by=world.caseworker)
    return actions.send_referral(made, by=world.caseworker)


def test_the_inbox_is_told_of_what_arrives_and_of_what_is_taken_back(world: World, sent: Referral) -> None:
    assert world.provider2
    assert told("referrals.arrived") == {"provider": sent.number}
    actions.withdraw_referral(sent, by=world.caseworker)
    assert told("referrals.taken_back") == {"provider": sent.number}


def test_a_draft_that_is_withdrawn_tells_nobody(world: World) -> None:
    assert world.accreditation
    assert world.provider
    consent = factories.consent(world.case, world.shelter)
    made, _new = actions.draft_referral(world.case, offer=world.offer, consent=consent, by=world.caseworker)
    actions.withdraw_referral(made, by=world.caseworker)
    assert not Notification.objects.exists()


def test_the_workers_of_the_case_are_told_of_the_answer_and_nobody_else(
    world: World, sent: Referral, login: Any
) -> None:
    assert world.caseworker2
    actions.accept_referral(sent, by=world.provider)
    assert told("referrals.answered") == {"caseworker": sent.number}
    assert sent.number in login(world.caseworker).get("/notifications/").content.decode()


def test_nobody_answered_in_time(world: World, sent: Referral) -> None:
    with acting.as_job("expiry"):
        actions.expire_due_referrals(timezone.now() + timedelta(days=40))
    assert told("referrals.expired") == {"caseworker": sent.number}


def test_the_receiver_of_a_withdrawn_consent_is_told(world: World, sent: Referral) -> None:
    case_actions.withdraw_consent(sent.consent, by=world.caseworker)
    assert told("referrals.taken_back") == {"provider": sent.number}


def test_a_closure_goes_to_the_supervisors_and_comes_back(world: World) -> None:
    assert world.supervisor
    assert world.caseworker2
    asked = case_actions.ask_closure(world.case, by=world.caseworker, reason="goals_reached")
    assert told("cases.closure_asked") == {"supervisor": world.case.number}
    case_actions.refuse_closure(asked, by=world.supervisor, words="Not yet")
    assert told("cases.closure_decided") == {"caseworker": world.case.number}


def test_workers_are_told_once_of_a_consent_that_ends(world: World) -> None:
    factories.consent(world.case, world.shelter, valid_until=timezone.localdate() + timedelta(days=5))
    factories.consent(
        factories.case(world.team, world.caseworker2),
        world.shelter,
        valid_until=timezone.localdate() + timedelta(days=20),
    )
    for _day in range(2):
        with acting.as_user(None):
            case_notices.consents_ending(timezone.localdate() + timedelta(days=7))
    assert list(Notification.objects.values_list("recipient__username", "reference")) == [
        ("caseworker", world.case.number)
    ]


def test_holder_and_officers_are_told_once_a_term_of_what_ends(world: World) -> None:
    assert world.officer
    assert world.provider
    today = timezone.localdate()
    made = factories.accreditation(world.body, world.shelter, valid_until=today + timedelta(days=20))
    with acting.as_job("expiry"):
        certification_notices.ending(today)
        certification_notices.ending(today + timedelta(days=1))
    assert told(certification_notices.MINE_ENDING) == {"provider": made.number}
    assert told(certification_notices.ISSUED_ENDING) == {"officer": made.number}
    with acting.as_job("expiry"):
        certification_notices.ending(today + timedelta(days=14))
    assert Notification.objects.filter(kind=certification_notices.MINE_ENDING).count() == 2


def test_no_job_but_the_one_that_tells_learns_who_works_on_a_case(world: World) -> None:
    assert world.case
    for job, found in (("notices", 1), ("expiry", 0), ("queue", 0)):
        with acting.as_job(job), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM app.workers_of_case(%s)", [world.case.pk])
            assert cursor.fetchone() == (found,)
    with acting.as_user(world.supervisor), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM app.workers_of_case(%s)", [world.case.pk])
        assert cursor.fetchone() == (0,)
