"""Counselling notes travel only if the consent covers them and who sends them may read them."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases import actions as case_actions
from cases.models import Note
from referrals import actions
from referrals.models import Packet, Referral
from tests import factories
from tests.factories import World, member
from tests.grants import COUNSEL, WORK, grants_of
from victimcare.models import AccessEntry, Role, User

CANARY = "Canary of counselling"
NOTICE = "somebody who may read them has to send this referral"


@pytest.fixture
def helper(world: World) -> User:
    """Works on the case, and does not counsel in it."""
    made = member(Role.CASEWORKER, world.agency, world.team, "helper")
    case_actions.assign(world.case, made, by=world.supervisor)
    return made


@pytest.fixture(autouse=True)
def note(world: World) -> Note:
    return case_actions.add_note(world.case, Note(kind="counselling"), CANARY, by=world.caseworker)[0]


def page(login: Any, user: User, referral: Referral, name: str = "referral") -> str:
    content: bytes = login(user).get(reverse(f"referrals:{name}", args=[referral.pk])).content
    return content.decode()


def test_the_preview_says_in_words_that_they_stay_here(
    world: World, login: Any, draft: Referral, helper: User
) -> None:
    shown = page(login, helper, draft)
    assert NOTICE in shown
    assert CANARY not in shown
    shown = page(login, world.caseworker, draft)
    assert NOTICE not in shown
    assert CANARY in shown


def test_a_consent_without_them_needs_no_words(world: World, login: Any, helper: User) -> None:
    assert world.accreditation
    given = factories.consent(world.case, world.shelter, kinds=["identity"])
    draft, _new = actions.draft_referral(world.case, offer=world.offer, consent=given, by=helper)
    assert NOTICE not in page(login, helper, draft)


def test_they_do_not_travel_with_who_may_not_read_them(
    world: World, login: Any, draft: Referral, helper: User
) -> None:
    login(helper).post(reverse("referrals:send", args=[draft.pk]))
    packet = Packet.objects.get(referral=draft)
    assert packet.counselling is None
    assert "counselling" not in packet.kinds
    assert {"identity", "incident", "substance"} <= set(packet.kinds)
    assert CANARY not in page(login, world.provider, draft, "packet")


def test_they_travel_with_who_may(world: World, login: Any, sent: Referral, helper: User) -> None:
    assert "counselling" in Packet.objects.get(referral=sent).kinds
    assert CANARY in page(login, world.provider, sent, "packet")


def test_the_senders_people_read_in_the_packet_what_they_read_in_the_case(
    world: World, login: Any, sent: Referral, helper: User
) -> None:
    for user, shown in ((world.caseworker, True), (helper, False), (world.supervisor, False)):
        assert (CANARY in page(login, user, sent, "packet")) is shown
        packet = Packet.objects.get(referral=sent)
        entry = AccessEntry.objects.about(packet).filter(action="read", by=user).latest("at")
        assert ("counselling" in entry.kinds) is shown


def test_the_log_of_a_preview_names_what_was_shown(
    world: World, login: Any, draft: Referral, helper: User
) -> None:
    page(login, helper, draft)
    entry = AccessEntry.objects.about(world.case).filter(action="read", by=helper).latest("at")
    assert "counselling" not in entry.kinds
    assert "incident" in entry.kinds


def test_a_consent_to_nothing_else_sends_nothing(world: World, helper: User) -> None:
    assert world.accreditation
    given = factories.consent(world.case, world.shelter, kinds=["counselling"])
    draft, _new = actions.draft_referral(world.case, offer=world.offer, consent=given, by=helper)
    with pytest.raises(actions.NothingToSend):
        actions.send_referral(draft, by=helper)


def test_a_colleague_without_the_case_sends_nothing(world: World, draft: Referral) -> None:
    with pytest.raises(PermissionDenied):
        actions.send_referral(draft, by=world.caseworker2)


@pytest.mark.parametrize("counsels", [False, True])
def test_the_receivers_worker_reads_them_only_if_the_case_was_given_so(
    world: World, login: Any, accepted: Referral, counsels: bool
) -> None:
    worker = world.caseworker_shelter
    data = {"worker": f"{world.shelter_team.pk}:{worker.pk}"} | ({"counsels": "on"} if counsels else {})
    login(world.provider).post(reverse("referrals:open_case", args=[accepted.pk]), data)
    case = Referral.objects.get(pk=accepted.pk).received_case
    assert case is not None
    extra = {("caseworker_shelter", COUNSEL)} if counsels else set()
    assert grants_of(case) == {("caseworker_shelter", WORK)} | extra
    shown = login(worker).get(reverse("cases:notes", args=[case.pk])).content.decode()
    assert (CANARY in shown) is counsels
