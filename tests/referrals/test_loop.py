"""The loop through its actions: prepare, send, answer, take over, report."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases import actions as case_actions
from cases.models import Case, ContactPoint, Incident, Note, Party, SubstanceUse
from referrals import actions
from referrals.models import Packet, Referral, ServiceAtLocation
from tests import factories
from tests.referrals.conftest import ALL_KINDS
from victimcare import records
from victimcare.encryption import keyring
from victimcare.encryption.ciphers import Place, unseal
from victimcare.encryption.fields import Unreadable
from victimcare.models import AccessEntry, Step, SubjectKey
from victimcare.workflow import IllegalTransition


def test_a_draft_is_seen_by_the_sender_only(world, draft):
    assert Referral.objects.visible_to(world.caseworker).filter(pk=draft.pk).exists()
    assert not Referral.objects.visible_to(world.provider).filter(pk=draft.pk).exists()
    assert not Packet.objects.filter(referral=draft).exists()


def test_a_draft_that_is_sent_twice_is_one(world, consent):
    form = {"offer": world.offer, "consent": consent, "by": world.caseworker}
    first, new = actions.draft_referral(world.case, **form, record_id=world.case.pk)
    second, again = actions.draft_referral(world.case, **form, record_id=world.case.pk)
    assert (first.pk, new, again) == (second.pk, True, False)


def test_sending_shows_the_packet_to_the_receiver_and_to_nobody_else(world, sent):
    assert sent.status == "sent"
    assert sent.sent_by == world.caseworker
    for user, sees in ((world.provider, True), (world.provider2, False), (world.caseworker2, False)):
        assert Packet.objects.visible_to(user).filter(referral=sent).exists() is sees
        assert Referral.objects.visible_to(user).filter(pk=sent.pk).exists() is sees
        assert not Case.objects.visible_to(user).filter(pk=sent.case_id).exists()


def test_sending_twice_is_refused(world, sent):
    with pytest.raises(IllegalTransition):
        actions.send_referral(sent, by=world.caseworker)
    assert Packet.objects.filter(referral=sent).count() == 1


def test_a_stranger_neither_sends_nor_answers(world, draft):
    with pytest.raises(PermissionDenied):
        actions.send_referral(draft, by=world.provider)
    sent = actions.send_referral(draft, by=world.caseworker)
    for step in (actions.accept_referral, actions.receive, actions.waitlist_referral):
        with pytest.raises(PermissionDenied):
            step(sent, by=world.provider2)


def test_acceptance_takes_a_place_and_the_second_one_is_refused(world, sent, fresh):
    first, second = fresh(sent), fresh(sent)
    actions.accept_referral(first, by=world.provider, answer="Come at six")
    with pytest.raises(IllegalTransition):
        actions.accept_referral(second, by=world.provider)
    assert fresh(world.offer).places_free == 2
    assert Step.objects.about(sent).filter(verb="accept").count() == 1
    assert fresh(sent).answer == "Come at six"


def test_acceptance_locks_the_referral_and_the_offer(world, sent):
    with CaptureQueriesContext(connection) as queries:
        actions.accept_referral(sent, by=world.provider)
    locked = [one["sql"] for one in queries if "FOR UPDATE" in one["sql"]]
    assert any('FROM "referrals_serviceatlocation"' in sql for sql in locked)
    assert any('FROM "referrals_referral"' in sql for sql in locked)


def test_without_a_free_place_only_the_waiting_list_is_left(world, sent, fresh):
    records.change(world.offer, by=None, places_free=0)
    with pytest.raises(actions.NoPlace):
        actions.accept_referral(sent, by=world.provider)
    waiting = actions.waitlist_referral(fresh(sent), by=world.provider)
    assert actions.accept_referral(waiting, by=world.provider).status == "accepted"
    assert fresh(world.offer).places_free == 0


def test_after_acceptance_the_packet_lies_under_a_key_of_the_receiver(world, sent, fresh):
    before = Packet.objects.get(referral=sent)
    shared = before.sections
    actions.accept_referral(sent, by=world.provider)
    after = fresh(before)
    key = SubjectKey.objects.get(pk=after.subject_key_id)
    assert key.organization == world.shelter
    assert after.organization == world.shelter
    assert after.sections == shared
    after = fresh(before)
    after.subject_key_id = world.case.subject_key_id
    with pytest.raises(Unreadable), keyring.held():
        assert after.sections


def test_declining_needs_a_reason_and_closes_the_packet(world, sent, fresh):
    with pytest.raises(ValidationError):
        actions.decline_referral(sent, reason="", by=world.provider)
    actions.decline_referral(sent, reason="no_capacity", answer="Full until May", by=world.provider)
    declined = fresh(sent)
    assert (declined.status, declined.end_reason, declined.answer) == (
        "declined",
        "no_capacity",
        "Full until May",
    )
    assert not Packet.objects.visible_to(world.provider).filter(referral=sent).exists()
    assert Packet.objects.visible_to(world.caseworker).filter(referral=sent).exists()


def test_the_outcome_reaches_the_sender(world, accepted):
    started = actions.start_referral(accepted, by=world.provider)
    with pytest.raises(ValidationError):
        actions.complete_referral(started, outcome="", by=world.provider)
    done = actions.complete_referral(started, outcome="provided", by=world.provider)
    seen = Referral.objects.visible_to(world.caseworker).get(pk=done.pk)
    assert (seen.status, seen.outcome, seen.ended_by) == ("completed", "provided", world.provider)


def test_what_could_not_be_completed_has_a_reason(world, accepted):
    ended = actions.not_complete_referral(accepted, reason="contact_lost", by=world.provider)
    assert (ended.status, ended.end_reason) == ("not_completed", "contact_lost")


WORDS = "her husband works there"


@pytest.mark.parametrize("reason", [WORDS, "person_asked"], ids=["words", "of another list"])
@pytest.mark.parametrize("verb", ["decline", "not_complete"])
def test_a_reason_of_the_receiver_is_a_code_of_its_list(world, sent, verb, reason, fresh):
    if verb == "not_complete":
        actions.accept_referral(sent, by=world.provider)
    end = getattr(actions, f"{verb}_referral")
    with pytest.raises(ValidationError, match="not in the list"):
        end(fresh(sent), reason=reason, by=world.provider)
    assert not Step.objects.about(sent).filter(verb=verb).exists()
    assert not fresh(sent).end_reason


@pytest.mark.parametrize("reason", [WORDS, "no_capacity"], ids=["words", "of another list"])
def test_a_reason_of_the_sender_is_a_code_of_its_list(world, sent, reason, fresh):
    with pytest.raises(ValidationError, match="not in the list"):
        actions.withdraw_referral(sent, by=world.caseworker, reason=reason)
    assert not Step.objects.about(sent).filter(verb="withdraw").exists()
    assert fresh(sent).status == "sent"


def test_withdrawing_closes_the_packet(world, accepted):
    actions.withdraw_referral(accepted, reason="person_asked", by=world.caseworker)
    assert not Packet.objects.visible_to(world.provider).filter(referral=accepted).exists()


def test_an_unanswered_referral_expires_once_its_time_is_over(world, sent, fresh):
    assert actions.expire_due_referrals(timezone.now()) == 0
    assert actions.expire_due_referrals(sent.answer_until) == 1
    assert fresh(sent).status == "expired"
    assert actions.expire_due_referrals(sent.answer_until) == 0


def test_an_answer_is_never_awaited_longer_than_the_consent_lasts(world, draft):
    records.change(draft.consent, by=None, valid_until=timezone.localdate())
    sent = actions.send_referral(draft, by=world.caseworker)
    assert sent.answer_until <= timezone.now() + timedelta(days=1)


# -- The receiver's own case ---------------------------------------------------------------------------------


@pytest.fixture
def told(world):
    """What the sender's case tells, of each kind."""
    own = {"case": world.case, "subject_key_id": world.case.subject_key_id}
    ContactPoint.objects.create(
        organization=world.agency,
        person=world.case.person,
        subject_key_id=world.case.subject_key_id,
        contact_kind="mobile",
        value="+54 11 5555 0100",
        safety="with_care",
        rules="Mornings only",
    )
    Incident.objects.create(**own, iccs_code="0201", narrative="What happened", occurred="2026-03")
    Party.objects.create(**own, role="alleged_perpetrator", name="Invented Other", details="Has a key")
    SubstanceUse.objects.create(**own, icd11_code="6C40", details="Weekends")
    Note.objects.create(**own, kind="counselling", counselling_text="Slept better")
    Note.objects.create(**own, kind="work", text="For us only")


def test_the_receiver_opens_its_own_case_without_typing_it_again(world, told, accepted, fresh):
    worker = world.caseworker_shelter
    case = actions.open_received_case(accepted, team=world.shelter_team, assign_to=worker, by=world.provider)
    assert (case.organization, case.team, case.urgency) == (world.shelter, world.shelter_team, "routine")
    assert fresh(accepted).received_case == case
    assert Case.objects.visible_to(worker).filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(world.provider).filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(world.caseworker).filter(pk=case.pk).exists()
    assert case.subject_key_id != world.case.subject_key_id
    assert case.person.surnames == world.case.person.surnames
    way = case.person.contacts.get()
    assert (way.value, way.safety, way.rules) == ("+54 11 5555 0100", "with_care", "Mornings only")
    assert str(case.incidents.get().occurred.text) == "2026-03"
    party = case.partys.get()
    assert (party.role, party.name, party.details) == ("alleged_perpetrator", "Invented Other", "Has a key")
    assert case.substanceuses.get().details == "Weekends"
    assert {note.shown_text for note in case.notes.all()} == {"Slept better", "A room for two nights"}
    assert [one.kind for one in case.enrolments.all()] == ["victim"]


def test_counselling_notes_lie_under_their_own_key_in_the_packet(world, told, draft, fresh):
    packet = Packet.objects.get(referral=actions.send_referral(draft, by=world.caseworker))
    assert "Slept better" not in str(packet.content)
    assert "Slept better" in str(packet.sections["counselling"])
    accepted = actions.accept_referral(fresh(draft), by=world.provider)
    sealed = fresh(packet)
    key = keyring.open_key(sealed.subject_key_id)
    for name, cipher in (("content", "fields"), ("counselling", "counselling")):
        field = Packet._meta.get_field(name)
        blob = sealed.__dict__[name].blob
        assert unseal(
            key.cipher(cipher),
            blob,
            Place(field.base_label, field.name, sealed.pk),
            sealed.subject_key_id,
            key.version,
        )
    assert accepted.status == "accepted"


def test_without_consent_to_them_no_counselling_notes_are_in_the_packet(world, told):
    given = factories.consent(world.case, world.shelter, kinds=["identity"])
    assert world.accreditation
    draft, _new = actions.draft_referral(world.case, offer=world.offer, consent=given, by=world.caseworker)
    packet = Packet.objects.get(referral=actions.send_referral(draft, by=world.caseworker))
    assert packet.counselling is None
    assert set(packet.sections) == {"identity"}


def test_the_log_names_every_kind_that_was_disclosed_taken_over_and_read(world, told, accepted):
    actions.open_received_case(
        accepted, team=world.shelter_team, assign_to=world.caseworker_shelter, by=world.provider
    )
    logged = AccessEntry.objects.filter(object_label="referrals.Packet").order_by("at")
    assert [(one.action, one.by) for one in logged] == [
        ("create", world.caseworker),
        ("change", world.provider),
        ("read", world.provider),
    ]
    assert all(one.kinds == sorted(ALL_KINDS) for one in logged)


def test_a_case_is_opened_once_and_only_after_acceptance(world, sent, fresh):
    values = {"team": world.shelter_team, "assign_to": world.caseworker_shelter, "by": world.provider}
    with pytest.raises(ValidationError, match="Accept"):
        actions.open_received_case(sent, **values)
    accepted = actions.accept_referral(sent, by=world.provider)
    actions.open_received_case(accepted, **values)
    with pytest.raises(actions.AlreadyOpened):
        actions.open_received_case(accepted, **values)
    assert Case.objects.filter(organization=world.shelter).count() == 1


def test_a_stranger_opens_no_case(world, accepted):
    with pytest.raises(PermissionDenied):
        actions.open_received_case(
            accepted, team=world.shelter_team, assign_to=world.caseworker_shelter, by=world.provider2
        )


def test_the_case_stays_the_receivers_own_after_the_consent_was_withdrawn(world, accepted):
    worker = world.caseworker_shelter
    case = actions.open_received_case(accepted, team=world.shelter_team, assign_to=worker, by=world.provider)
    case_actions.consents.withdraw_consent(accepted.consent, by=world.caseworker)
    assert Case.objects.visible_to(worker).get(pk=case.pk).person.surnames
    assert not Packet.objects.visible_to(world.provider).filter(referral=accepted).exists()


def test_a_case_with_an_unanswered_referral_is_not_closed(world, sent):
    with pytest.raises(ValidationError, match="not answered yet"):
        case_actions.workflow.ask_closure(world.case, reason="goals_reached", by=world.caseworker)
    actions.withdraw_referral(sent, reason="person_asked", by=world.caseworker)
    closing = case_actions.workflow.ask_closure(world.case, reason="goals_reached", by=world.caseworker)
    assert closing.status == "closing"


def test_places_are_kept_by_the_providers_own_staff(world, fresh):
    offer = world.offer
    actions.update_places(offer, places_free=7, is_active=True, by=world.provider)
    assert fresh(offer).places_free == 7
    with pytest.raises(PermissionDenied):
        actions.update_places(offer, places_free=1, is_active=True, by=world.provider2)
    with pytest.raises(records.Stale):
        actions.update_places(offer, places_free=1, is_active=True, by=world.provider, revision=1)
    assert ServiceAtLocation.objects.get(pk=offer.pk).places_counted_at


def _locked(queries, table):
    return [one["sql"] for one in queries if f'FROM "{table}"' in one["sql"] and "FOR UPDATE" in one["sql"]]


def test_withdrawing_a_consent_locks_its_referrals_before_it_looks_at_them(world, sent, consent):
    """An acceptance in between would make the whole withdrawal fail."""
    with CaptureQueriesContext(connection) as queries:
        case_actions.withdraw_consent(consent, by=world.caseworker)
    assert any('"consent_id" =' in sql for sql in _locked(queries, "referrals_referral"))


def test_sending_locks_the_case_so_that_it_cannot_be_closed_meanwhile(world, draft):
    with CaptureQueriesContext(connection) as queries:
        actions.send_referral(draft, by=world.caseworker)
    assert _locked(queries, "cases_case")
