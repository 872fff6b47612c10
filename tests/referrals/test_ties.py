"""Conflicts of interest beyond the case: who is not sent to, and to whom what was sent is closed."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, models, transaction
from django.urls import reverse
from django.utils import timezone

from cases import actions as case_actions
from cases.models import Case, Tie
from cases.notices import told_of
from referrals import actions
from referrals.actions.ties import NotAvailable
from referrals.models import Packet, Referral
from tests import factories
from tests.factories import World, member
from victimcare import acting
from victimcare.forms import new_record_id
from victimcare.models import Notification, Role, User

WORDS = "Not available for this referral"


@pytest.fixture(autouse=True)
def _made_before(world: World) -> None:
    for name in ("caseworker", "supervisor", "provider", "provider2", "case", "offer", "accreditation"):
        getattr(world, name)


def again(user: User) -> User:
    """As the next request has them."""
    return User.objects.get(pk=user.pk)


def drafted(world: World, case: Case | None = None, by: User | None = None) -> Referral:
    case = case or world.case
    consent = factories.consent(case, world.shelter)
    return actions.draft_referral(case, offer=world.offer, consent=consent, by=by or world.caseworker)[0]


def sent(world: World, case: Case | None = None) -> Referral:
    return actions.send_referral(drafted(world, case), by=world.caseworker)


def tied(world: World, case: Case | None = None) -> Tie:
    return case_actions.record_place_tie(
        case or world.case, world.shelter, by=again(world.supervisor), kind="staff"
    )


def rows(user: User, referral: Referral) -> int:
    """What the database gives of a referral and its packet past the product."""
    found = 0
    with acting.as_user(again(user)), connection.cursor() as cursor:
        for table, column in (
            ("referrals_referral", "id"),
            ("referrals_historicalreferral", "id"),
            ("referrals_packet", "referral_id"),
        ):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [referral.pk])
            found += cursor.fetchone()[0]
    return found


def candidates(world: World, login: Any) -> str:
    address = reverse("referrals:candidates", args=[world.case.pk])
    page: str = login(world.caseworker).get(f"{address}?service_kind=shelter").content.decode()
    return page


# -- A provider that is tied ---------------------------------------------------------------------------------


def test_a_tied_provider_is_excluded_with_words_that_give_nothing_away(world: World, login: Any) -> None:
    assert WORDS not in candidates(world, login)
    tied(world)
    page = candidates(world, login)
    assert WORDS in page
    assert reverse("referrals:draft", args=[world.case.pk, world.offer.pk]) not in page


def test_a_direct_link_leads_back(world: World, login: Any) -> None:
    tied(world)
    draft = reverse("referrals:draft", args=[world.case.pk, world.offer.pk])
    answer = login(world.caseworker).get(draft, follow=True)
    assert "This provider is not available for this referral." in answer.content.decode()
    with pytest.raises(NotAvailable):
        drafted(world)


def test_a_draft_of_before_is_not_sent(world: World) -> None:
    referral = drafted(world)
    Tie.objects.create(
        case=world.case, subject_key_id=world.case.subject_key_id, place=world.shelter, kind="resident"
    )
    with pytest.raises(NotAvailable):
        actions.send_referral(referral, by=world.caseworker)


def test_the_database_sends_nothing_to_it_either(world: World) -> None:
    referral = drafted(world)
    Tie.objects.create(
        case=world.case, subject_key_id=world.case.subject_key_id, place=world.shelter, kind="client"
    )
    row: Any = models.QuerySet(Referral).filter(pk=referral.pk)
    with pytest.raises(IntegrityError, match="not available"), transaction.atomic():
        row.update(status="sent", sent_at=timezone.now(), sent_by=world.caseworker)


def test_it_holds_for_another_case_of_the_person_too(world: World) -> None:
    other = factories.case(world.team, world.caseworker, person=world.case.person)
    tied(world, other)
    with pytest.raises(NotAvailable):
        drafted(world)


def test_what_was_sent_is_taken_back_and_closed_to_it(world: World, login: Any) -> None:
    running = sent(world)
    kept = sent(world, factories.case(world.team, world.caseworker))
    assert rows(world.provider, running) > 0
    tied(world)
    running.refresh_from_db()
    assert running.status == Referral.Status.WITHDRAWN
    assert rows(world.provider, running) == 0
    client = login(world.provider)
    assert client.get(reverse("referrals:referral", args=[running.pk])).status_code == 404
    page = client.get("/referrals/inbox/").content.decode()
    assert running.number not in page
    assert kept.number in page
    assert client.get(reverse("referrals:packet", args=[kept.pk])).status_code == 200
    actions.accept_referral(kept, by=again(world.provider))


def test_who_works_on_the_case_is_told_what_was_taken_back_and_nobody_there(world: World) -> None:
    referral = sent(world)
    before = Notification.objects.filter(recipient=world.provider).count()
    tied(world)
    told = Notification.objects.filter(kind="referrals.withdrawn")
    assert [(one.recipient, one.reference) for one in told] == [(world.caseworker, referral.number)]
    assert Notification.objects.filter(recipient=world.provider).count() == before


def test_what_was_completed_is_closed_to_it_too(world: World) -> None:
    referral = sent(world)
    actions.accept_referral(referral, by=world.provider)
    actions.complete_referral(referral, by=world.provider, outcome="provided")
    assert Packet.objects.visible_to(again(world.provider)).exists()
    tie = tied(world)
    assert not Packet.objects.visible_to(again(world.provider)).exists()
    assert rows(world.provider, referral) == 0
    case_actions.lift_tie(tie, by=again(world.supervisor), words="An error")
    assert Packet.objects.visible_to(again(world.provider)).exists()
    assert rows(world.provider, referral) > 0


def test_lifted_it_is_a_candidate_again(world: World, login: Any) -> None:
    tie = tied(world)
    case_actions.lift_tie(tie, by=again(world.supervisor), words="An error")
    assert WORDS not in candidates(world, login)


# -- Somebody who is tied ------------------------------------------------------------------------------------


def test_provider_staff_say_so_and_see_it_no_more(world: World, login: Any) -> None:
    referral = sent(world)
    other = sent(world, factories.case(world.team, world.caseworker))
    colleague = member(Role.PROVIDER, world.shelter)
    client, page = login(world.provider), reverse("referrals:referral", args=[referral.pk])
    assert "I am tied to this person" in client.get(page).content.decode()
    filled = {"kind": "relative", "words": "My cousin", "record_id": new_record_id()}
    client.post(reverse("referrals:tie", args=[referral.pk]), filled)
    for name in ("referral", "packet", "tie", "accept"):
        assert client.get(reverse(f"referrals:{name}", args=[referral.pk])).status_code == 404
    assert rows(world.provider, referral) == 0
    assert other.number in client.get("/referrals/inbox/").content.decode()
    assert login(colleague).get(page).status_code == 200
    ties = login(world.caseworker).get(reverse("cases:ties", args=[world.case.pk])).content.decode()
    assert "My cousin" in ties


def test_the_supervisor_of_the_case_is_told_that_provider_staff_are_tied(world: World) -> None:
    actions.declare_tie_on(sent(world), by=world.provider, kind="friend")
    told = Notification.objects.filter(kind="cases.tied")
    assert [(one.recipient, one.reference) for one in told] == [(world.supervisor, world.case.number)]
    assert told.get().link == reverse("cases:case", args=[world.case.pk])


def test_only_the_job_that_tells_learns_number_and_team(world: World) -> None:
    assert told_of(world.case.pk) == (world.case.number, world.team.pk)
    with acting.as_user(world.provider), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM app.case_told_of(%s)", [world.case.pk])
        assert cursor.fetchone() == (0,)


def test_nobody_declares_it_of_what_was_not_sent_to_them(world: World) -> None:
    referral = sent(world)
    for who in (world.provider2, world.caseworker, world.caseworker_shelter):
        with pytest.raises(PermissionDenied):
            actions.declare_tie_on(referral, by=who, kind="friend")


def test_who_belongs_to_the_provider_sends_nothing_there(world: World, login: Any) -> None:
    factories.Membership.objects.create(
        user=world.caseworker, organization=world.shelter, role=Role.PRACTITIONER
    )
    assert WORDS in candidates(world, login)
    with pytest.raises(NotAvailable):
        drafted(world, by=again(world.caseworker))


def test_who_sent_it_and_joined_the_provider_later_does_not_answer_it(world: World, login: Any) -> None:
    referral = sent(world)
    factories.Membership.objects.create(user=world.caseworker, organization=world.shelter, role=Role.PROVIDER)
    client = login(world.caseworker)
    assert referral.number not in client.get("/referrals/inbox/").content.decode()
    assert client.post(reverse("referrals:accept", args=[referral.pk])).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.accept_referral(referral, by=again(world.caseworker))
