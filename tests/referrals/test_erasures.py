"""What an erasure reaches of referrals: they end, and their receivers are told and keep what is theirs."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from cases import actions as case_actions
from cases.actions import erasures
from cases.erasing import recipients_of
from cases.models import Case, Party
from referrals import actions, packets
from referrals.models import Packet, Referral
from tests import factories
from tests.conftest import owner
from victimcare.encryption import checking, keyring
from victimcare.history import history_model
from victimcare.models import ErasureEntry, Step, SubjectKey


@pytest.fixture
def sent(world):
    assert world.accreditation
    return sent_of(world, world.case)


def sent_of(world, case):
    consent = factories.consent(case, world.shelter, kinds=["identity", "contact", "incident", "risk"])
    draft, _new = actions.draft_referral(
        case, offer=world.offer, consent=consent, by=world.caseworker, request="A room"
    )
    return actions.send_referral(draft, by=world.caseworker)


def erase(world, case, **values):
    asked = case_actions.ask_erasure(case, by=world.caseworker, reason="person_asked")
    return case_actions.approve_erasure(asked, by=world.supervisor, **values)


def again(referral):
    return Referral.objects.get(pk=referral.pk)


def alive(key_id):
    return SubjectKey.objects.get(pk=key_id).wrapped is not None


@pytest.mark.parametrize("state", ["sent", "received", "waitlisted", "accepted", "in_progress"])
def test_what_runs_is_withdrawn_with_its_reason_and_the_receiver_is_told(world, login, sent, state):
    if state != "sent":
        sent = actions.receive(sent, by=world.provider)
    if state == "waitlisted":
        actions.waitlist_referral(sent, by=world.provider)
    if state in {"accepted", "in_progress"}:
        sent = actions.accept_referral(sent, by=world.provider, answer="Come today")
    if state == "in_progress":
        actions.start_referral(sent, by=world.provider)
    erase(world, world.case)
    ended = again(sent)
    assert (ended.status, ended.end_reason, ended.erased_by) == (
        "withdrawn", "person_erased", world.supervisor,
    )  # fmt: skip
    client = login(world.provider)
    inbox = client.get(reverse("referrals:inbox")).content.decode()
    assert sent.number in inbox
    assert "Agency erased the person" in inbox
    page = client.get(reverse("referrals:referral", args=[sent.pk]))
    assert page.status_code == 200
    assert "The sender erased the person" in page.content.decode()
    assert "Come today" not in page.content.decode()
    assert client.get("/").status_code == 200
    assert client.get(reverse("referrals:packet", args=[sent.pk])).status_code == 404


def test_what_had_ended_stays_as_it_was_and_its_receiver_is_told(world, login, sent):
    actions.accept_referral(actions.receive(sent, by=world.provider), by=world.provider)
    actions.complete_referral(again(sent), outcome="provided", by=world.provider, answer="Well")
    erase(world, world.case)
    assert (again(sent).status, again(sent).outcome) == ("completed", "provided")
    assert Step.objects.about(sent).order_by("-at").first().verb == "sender_erased"
    page = login(world.provider).get(reverse("referrals:referral", args=[sent.pk])).content.decode()
    assert "Erased with the person" in page


def test_the_receivers_own_case_stays_theirs(world, sent):
    accepted = actions.accept_referral(actions.receive(sent, by=world.provider), by=world.provider)
    own = actions.open_received_case(
        accepted, team=world.shelter_team, assign_to=world.caseworker_shelter, by=world.provider
    )
    erase(world, world.case)
    assert alive(own.subject_key_id)
    assert Case.objects.get(pk=own.pk).person.given_names == "Ximena"


def test_the_receiver_erases_the_packet_that_its_case_was_opened_from(world, sent):
    accepted = actions.accept_referral(actions.receive(sent, by=world.provider), by=world.provider)
    own = actions.open_received_case(
        accepted, team=world.shelter_team, assign_to=world.caseworker_shelter, by=world.provider
    )
    packet = Packet.objects.get(referral=sent)
    boss = factories.member(factories.Role.SUPERVISOR, world.shelter, world.shelter_team)
    asked = case_actions.ask_erasure(own, by=world.caseworker_shelter, reason="retention_ended")
    case_actions.approve_erasure(asked, by=boss)
    assert not alive(packet.subject_key_id)
    assert set(ErasureEntry.objects.get().subject_key_ids) == {own.subject_key_id, packet.subject_key_id}
    assert alive(world.case.subject_key_id)


def test_certificate_lists_who_was_told_with_day_and_kinds(world, login, sent):
    done = erase(world, world.case)
    [told] = recipients_of(Case.objects.get(pk=world.case.pk))
    assert (told.organization, told.number) == (world.shelter, sent.number)
    page = login(world.supervisor).get(reverse("cases:certificate", args=[done.pk])).content.decode()
    assert "Certificate of erasure" in page
    assert "Shelter (AR)" in page
    assert "risk" in page
    assert world.case.number in page


def test_a_packet_of_anothers_case_that_names_the_person_is_emptied_once_it_is_answered(world, sent):
    other = factories.case(world.team, world.caseworker)
    party = Party.objects.create(
        case=other, subject_key_id=other.subject_key_id, role="child", name="Ximena Quispe"
    )
    waiting = sent_of(world, other)
    asked = case_actions.ask_erasure(world.case, by=world.caseworker, reason="person_asked")
    with pytest.raises(erasures.StillWaiting):
        case_actions.approve_erasure(asked, by=world.supervisor, parties=[party.pk])

    actions.decline_referral(
        actions.receive(waiting, by=world.provider), reason="no_capacity", by=world.provider
    )
    case_actions.approve_erasure(asked, by=world.supervisor, parties=[party.pk])
    packet = Packet.objects.get(referral=waiting)
    assert packet.content is None
    assert packet.sections == {}
    rows = history_model(Packet)._base_manager.filter(id=packet.pk)
    assert {row.__dict__["content"] for row in rows} == {None}
    assert checking.check().wrong == []


def test_no_packet_but_of_the_cases_that_named_somebody_is_taken_for_emptied(world, sent):
    other = factories.case(world.team, world.caseworker)
    party = Party.objects.create(case=other, subject_key_id=other.subject_key_id, role="child", name="X")
    naming, strange = (Packet.objects.get(referral=one) for one in (sent_of(world, other), sent))
    Party.objects.create(case=world.case, subject_key_id=world.case.subject_key_id, role="child", name="Y")
    assert list(packets.emptied([party.pk])) == [(naming.pk, other.subject_key_id)]
    assert list(packets.named_in(naming)) == [party.pk]
    assert party.pk not in packets.named_in(strange)


def test_a_page_that_needs_erased_words_says_so_calmly(world, login, sent, monkeypatch):
    """Whatever a page forgets: never an error of the server."""
    erase(world, world.case)

    def read(*args):
        raise keyring.SubjectErased

    monkeypatch.setattr("referrals.views.referral.ReferralPage.answer", read)
    answer = login(world.provider).get(reverse("referrals:referral", args=[sent.pk]))
    assert answer.status_code == 410
    assert "This person was erased" in answer.content.decode()


def test_the_sender_learns_that_the_receiver_erased_the_person(world, login, sent):
    accepted = actions.accept_referral(actions.receive(sent, by=world.provider), by=world.provider)
    own = actions.open_received_case(
        accepted, team=world.shelter_team, assign_to=world.caseworker_shelter, by=world.provider
    )
    boss = factories.member(factories.Role.SUPERVISOR, world.shelter, world.shelter_team)
    asked = case_actions.ask_erasure(own, by=world.caseworker_shelter, reason="retention_ended")
    case_actions.approve_erasure(asked, by=boss)
    assert (again(sent).status, again(sent).end_reason) == ("not_completed", "person_erased")
    page = login(world.caseworker).get(reverse("referrals:referral", args=[sent.pk])).content.decode()
    assert "since the provider erased the person" in page
    assert "The person was erased at the provider" in page


def test_replay_takes_back_what_waits_and_names_the_person(world):
    """The backup is from before the answer."""
    assert world.accreditation
    other = factories.case(world.team, world.caseworker)
    party = Party.objects.create(
        case=other, subject_key_id=other.subject_key_id, role="child", name="Ximena Quispe"
    )
    erase(world, world.case, parties=[party.pk])
    restored = Party.objects.get(pk=party.pk)
    restored.name = "Ximena Quispe"
    restored.save()
    waiting = sent_of(world, other)
    with owner():
        call_command("erasures", "replay", stdout=StringIO())
    ended = again(waiting)
    assert (ended.status, ended.end_reason) == ("withdrawn", "person_erased")
    assert Packet.objects.get(referral=waiting).content is None


def test_who_received_the_name_with_anothers_packet_is_told_and_on_the_certificate(world, login):
    """Of a team that the supervisor does not see."""
    assert world.accreditation
    other = factories.case(world.other_team, world.caseworker2)
    party = Party.objects.create(
        case=other, subject_key_id=other.subject_key_id, role="child", name="Ximena Quispe"
    )
    consent = factories.consent(other, world.shelter, kinds=["identity", "incident"])
    draft, _new = actions.draft_referral(
        other, offer=world.offer, consent=consent, by=world.caseworker2, request="A room"
    )
    sent = actions.send_referral(draft, by=world.caseworker2)
    actions.accept_referral(actions.receive(sent, by=world.provider), by=world.provider)
    done = erase(world, world.case, parties=[party.pk])
    page = login(world.supervisor).get(reverse("cases:certificate", args=[done.pk])).content.decode()
    assert sent.number in page
    assert "Shelter (AR)" in page
    client = login(world.provider)
    inbox = client.get(reverse("referrals:inbox")).content.decode()
    assert "erased somebody whom this names" in inbox
    assert sent.number in inbox
    page = client.get(reverse("referrals:referral", args=[sent.pk])).content.decode()
    assert "The sender erased somebody whom this names" in page
    assert (again(sent).status, again(sent).erased_at) == ("accepted", None)
