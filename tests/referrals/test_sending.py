"""Only with consent, only to the accredited: refused by the page, by the action and by the database."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cases import actions as case_actions
from certification import actions as certification_actions
from certification.models import Certificate
from referrals import actions, receivers, standings, tasks
from referrals.matching import Standing
from referrals.models import Packet, Referral
from tests import factories
from tests.certification import builders
from victimcare import records

YESTERDAY = timedelta(days=1)


def _set_sent(referral):
    """Raw SQL as the application's role, past every line of Python."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE referrals_referral SET status = 'sent', sent_at = now(), sent_by_id = %s WHERE id = %s",
            [referral.created_by_id, referral.pk],
        )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda consent, world: case_actions.consents.withdraw_consent(consent, by=world.caseworker),
        lambda consent, world: records.change(
            consent,
            by=None,
            valid_until=timezone.localdate() - YESTERDAY,
            valid_from=consent.valid_from - YESTERDAY,
        ),
        lambda consent, world: records.change(consent, by=None, recipient=world.clinic),
        lambda consent, world: records.change(consent, by=None, purpose="reporting"),
        lambda consent, world: records.retire(consent, by=world.caseworker),
    ],
    ids=["withdrawn", "expired", "for another", "for another purpose", "retired"],
)
def test_without_a_consent_in_force_nothing_is_drafted(world, consent, spoil):
    spoil(consent, world)
    with pytest.raises(actions.ConsentMissing):
        actions.draft_referral(world.case, offer=world.offer, consent=consent, by=world.caseworker)


def test_a_consent_of_another_case_does_not_count(world, consent):
    other = factories.case(world.team, world.caseworker)
    with pytest.raises(actions.ConsentMissing):
        actions.draft_referral(other, offer=world.offer, consent=consent, by=world.caseworker)


def test_a_consent_that_expired_after_the_draft_stops_the_sending(world, draft, login):
    earlier = timezone.localdate() - YESTERDAY
    records.change(draft.consent, by=None, valid_from=earlier, valid_until=earlier)
    with pytest.raises(actions.ConsentMissing):
        actions.send_referral(draft, by=world.caseworker)
    page = login(world.caseworker).post(reverse("referrals:send", args=[draft.pk]), follow=True)
    assert "There is no consent in force" in page.content.decode()
    assert not Packet.objects.filter(referral=draft).exists()


def test_a_withdrawn_consent_takes_back_what_nobody_accepted(world, sent, login):
    case_actions.consents.withdraw_consent(sent.consent, by=world.caseworker)
    taken_back = Referral.objects.get(pk=sent.pk)
    assert (taken_back.status, taken_back.end_reason) == ("withdrawn", "consent_withdrawn")
    provider = login(world.provider)
    assert provider.get(reverse("referrals:packet", args=[sent.pk])).status_code == 404
    assert (
        "The packet is closed" in provider.get(reverse("referrals:referral", args=[sent.pk])).content.decode()
    )


def test_a_consent_that_expires_closes_the_packet_and_stops_the_acceptance(world, sent, login):
    earlier = timezone.localdate() - YESTERDAY
    records.change(sent.consent, by=None, valid_from=earlier, valid_until=earlier)
    with pytest.raises(actions.ConsentMissing):
        actions.accept_referral(sent, by=world.provider)
    provider = login(world.provider)
    assert provider.get(reverse("referrals:packet", args=[sent.pk])).status_code == 404
    said = provider.post(reverse("referrals:accept", args=[sent.pk]), follow=True).content.decode()
    assert "no consent in force" in said


def test_a_suspended_provider_is_refused_by_page_action_and_database(world, draft, login, monkeypatch):
    certification_actions.suspend(world.accreditation, by=world.officer, reason="complaint")
    with pytest.raises(actions.NotAccredited):
        actions.send_referral(draft, by=world.caseworker)

    caseworker = login(world.caseworker)
    shown = caseworker.get(
        reverse("referrals:candidates", args=[world.case.pk]), {"service_kind": "shelter"}
    ).content.decode()
    assert "Accreditation suspended since" in shown
    assert "Refer here" not in shown
    answer = caseworker.post(reverse("referrals:send", args=[draft.pk]), follow=True).content.decode()
    assert "not accredited for this kind of service today" in answer

    with pytest.raises(IntegrityError, match="not accredited"), transaction.atomic():
        _set_sent(draft)

    # Even if the action were deceived, the database refuses, in the same words.
    monkeypatch.setattr(
        "referrals.actions.accredited.standing_of", lambda offer: Standing(accredited=True, staff_met=True)
    )
    with pytest.raises(actions.NotAccredited):
        actions.send_referral(draft, by=world.caseworker)
    assert Referral.objects.get(pk=draft.pk).status == "draft"


def test_a_service_that_was_closed_meanwhile_is_not_sent_to(world, draft, login):
    actions.update_places(world.offer, places_free=3, is_active=False, by=world.provider)
    with pytest.raises(actions.NotOffered):
        actions.send_referral(draft, by=world.caseworker)
    answer = login(world.caseworker).post(reverse("referrals:send", args=[draft.pk]), follow=True)
    assert "does not offer this service any more" in answer.content.decode()


def test_the_draft_page_of_a_suspended_provider_refuses_a_post(world, consent, login):
    certification_actions.suspend(world.accreditation, by=world.officer, reason="complaint")
    url = reverse("referrals:draft", args=[world.case.pk, world.offer.pk])
    caseworker = login(world.caseworker)
    record_id = caseworker.get(url).context["form"]["record_id"].value()
    answer = caseworker.post(
        url, {"record_id": record_id, "consent": consent.pk, "urgency": "soon", "request": "Still here"}
    ).content.decode()
    assert "not accredited for this kind of service today" in answer
    assert "Still here" in answer
    assert not Referral.objects.exists()


def test_an_accreditation_for_another_kind_of_service_or_another_site_does_not_count(world):
    elsewhere = factories.location(world.shelter, name="Elsewhere")
    factories.accreditation(world.body, world.shelter, "legal_aid")
    factories.accreditation(world.body, world.shelter, "shelter", location=elsewhere)
    assert not standings.standing_of(world.offer).eligible
    factories.accreditation(world.body, world.shelter, "shelter", location=world.offer.location)
    assert standings.standing_of(world.offer).eligible


def test_an_expired_accreditation_says_since_when(world):
    today = timezone.localdate()
    factories.accreditation(world.body, world.shelter, valid_until=today - timedelta(days=5))
    standing = standings.standing_of(world.offer)
    assert (standing.accredited, standing.ended_on) == (False, today - timedelta(days=4))


def test_missing_staff_certificates_stop_the_sending_in_the_database_too(world, draft):
    records.change(world.accreditation.kind, by=None, required_certificates={"scheme-x": 1})
    standing = standings.standing_of(world.offer)
    assert (standing.accredited, standing.eligible) == (True, False)
    with pytest.raises(actions.NotAccredited):
        actions.send_referral(draft, by=world.caseworker)
    with pytest.raises(IntegrityError, match="not accredited"), transaction.atomic():
        _set_sent(draft)


@pytest.mark.parametrize(("kinds", "stays"), [(["identity"], True), (["identity", "risk"], False)])
def test_what_is_asked_for_stays_here_unless_the_consent_covers_risk(world, login, kinds, stays):
    assert world.accreditation
    given = factories.consent(world.case, world.shelter, kinds=kinds)
    draft, _new = actions.draft_referral(
        world.case, offer=world.offer, consent=given, request="A room", by=world.caseworker
    )
    page = login(world.caseworker).get(reverse("referrals:referral", args=[draft.pk]))
    assert page.context["request_stays_here"] is stays
    packet = Packet.objects.get(referral=actions.send_referral(draft, by=world.caseworker))
    assert ("A room" in str(packet.sections)) is not stays


def test_nothing_is_sent_from_a_closed_case(world, draft):
    records.change(
        world.case,
        by=None,
        status="closed",
        closure_asked_by=world.caseworker,
        closure_asked_at=timezone.now(),
        closed_by=world.supervisor,
        closed_at=timezone.now(),
    )
    with pytest.raises(actions.CaseClosed):
        actions.send_referral(Referral.objects.get(pk=draft.pk), by=world.caseworker)


# -- Lapsed after it was sent --------------------------------------------------------------------------------


def test_a_suspension_flags_what_is_running_and_the_sender_is_told(world, sent, login):
    certification_actions.suspend(world.accreditation, by=world.officer, reason="safety")
    assert actions.flag_lapsed([world.clinic.pk]) == 0
    assert actions.flag_lapsed([world.shelter.pk]) == 1
    assert actions.flag_lapsed([world.shelter.pk]) == 0
    assert Referral.objects.get(pk=sent.pk).lapsed_on is not None
    page = login(world.caseworker).get(reverse("referrals:referral", args=[sent.pk])).content.decode()
    assert "The provider is not accredited any more" in page
    assert "Find another provider" in page


def test_a_provider_suspended_after_the_sending_cannot_accept(world, sent, login, monkeypatch):
    suspended = certification_actions.suspend(world.accreditation, by=world.officer, reason="safety")
    with pytest.raises(actions.AccreditationLost):
        actions.accept_referral(sent, by=world.provider)
    said = login(world.provider).post(reverse("referrals:accept", args=[sent.pk]), follow=True)
    assert "Your organisation is not accredited" in said.content.decode()
    assert Packet.objects.get(referral=sent).organization == world.agency

    # Even if the action were deceived, the database refuses, in the same words.
    with monkeypatch.context() as deceived:
        deceived.setattr("referrals.actions.accredited.standing_of", lambda offer: Standing(accredited=True))
        with pytest.raises(actions.AccreditationLost):
            actions.accept_referral(sent, by=world.provider)
    assert Referral.objects.get(pk=sent.pk).status == "sent"

    certification_actions.reinstate(suspended, by=world.officer, reason="corrected")
    assert actions.accept_referral(sent, by=world.provider).status == "accepted"


def test_what_was_accepted_goes_on_after_a_suspension(world, accepted):
    certification_actions.suspend(world.accreditation, by=world.officer, reason="safety")
    started = actions.start_referral(accepted, by=world.provider)
    assert actions.complete_referral(started, outcome="provided", by=world.provider).status == "completed"


def test_a_suspension_enqueues_the_look_at_what_is_running(world, sent):
    certification_actions.suspend(world.accreditation, by=world.officer, reason="safety")
    queued = DBTaskResult.objects.filter(task_path="referrals.tasks.flag_lapsed")
    assert [row.args_kwargs["args"] for row in queued] == [[[str(world.shelter.pk)]]]


def test_a_lapsed_certificate_is_looked_at_where_its_holder_works(world, sent):
    held = builders.certificate(world.body, world.practitioner, builders.scheme(world.body))
    receivers.credential_lapsed(sender=Certificate, credential=held)
    queued = DBTaskResult.objects.get(task_path="referrals.tasks.flag_lapsed_staff")
    assert queued.args_kwargs["args"] == [str(held.pk)]
    assert actions.workplaces_of_holder(held.pk) == {world.shelter.pk}


def _pages_of_the_sender(world, referral, login):
    """Its own page, the case's and home."""
    addresses = (
        reverse("referrals:referral", args=[referral.pk]),
        reverse("cases:case", args=[referral.case_id]),
        reverse("home"),
    )
    client = login(world.caseworker)
    return [client.get(address).content.decode() for address in addresses]


def test_the_notice_goes_everywhere_when_the_accreditation_is_reinstated(world, sent, login):
    suspended = certification_actions.suspend(world.accreditation, by=world.officer, reason="safety")
    actions.flag_lapsed([world.shelter.pk])
    for page in _pages_of_the_sender(world, sent, login):
        assert "not accredited any more" in page
    certification_actions.reinstate(suspended, by=world.officer, reason="corrected")
    for page in _pages_of_the_sender(world, sent, login):
        assert "not accredited any more" not in page


def test_what_is_over_needs_no_other_provider(world, accepted, login):
    certification_actions.suspend(world.accreditation, by=world.officer, reason="safety")
    actions.flag_lapsed([world.shelter.pk])
    actions.complete_referral(accepted, outcome="provided", by=world.provider)
    for page in _pages_of_the_sender(world, accepted, login):
        assert "not accredited any more" not in page
        assert "Find another provider" not in page


def test_what_is_in_order_is_not_flagged(world, sent):
    assert actions.flag_lapsed([world.shelter.pk]) == 0


def test_the_task_flags_what_it_was_queued_for(world, sent):
    certification_actions.suspend(world.accreditation, by=world.officer, reason="safety")
    tasks.flag_lapsed.call([str(world.shelter.pk)])
    assert Referral.objects.get(pk=sent.pk).lapsed_on is not None


def test_the_end_of_the_time_to_answer_is_looked_at_when_it_comes(world, sent):
    queued = DBTaskResult.objects.get(task_path="referrals.tasks.expire_due")
    assert queued.run_after == sent.answer_until
    tasks.expire_due.call()
    assert Referral.objects.get(pk=sent.pk).status == "sent"
    records.change(sent, by=None, answer_until=timezone.now())
    tasks.expire_due.call()
    assert Referral.objects.get(pk=sent.pk).status == "expired"


def test_what_one_run_missed_the_next_one_expires(world, consent):
    """No referral hangs on a run of its own."""
    for _number in range(2):
        draft, _new = actions.draft_referral(
            world.case, offer=world.offer, consent=consent, by=world.caseworker
        )
        sent = actions.send_referral(draft, by=world.caseworker)
        records.change(sent, by=None, answer_until=timezone.now())
    tasks.expire_due.call()
    assert set(Referral.objects.values_list("status", flat=True)) == {"expired"}
