"""The loop through its pages, as the people of both sides."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import actions as case_actions
from cases.models import Case, ContactPoint, Party
from certification import actions as credentials
from certification.models import Accreditation
from referrals import actions
from referrals.models import Referral, Service, ServiceAtLocation
from tests import factories
from tests.referrals.conftest import ALL_KINDS
from victimcare import records
from victimcare.models import AccessEntry, Membership, Role, Tier


def _text(response):
    assert response.status_code == 200
    return response.content.decode()


def _url(name, *args):
    return reverse(f"referrals:{name}", args=args)


def _draft_through_the_pages(world, consent, worker):
    """Found among the candidates, written, sent twice by a double click, and previewed."""
    found = _text(worker.get(_url("candidates", world.case.pk), {"service_kind": "shelter"}))
    assert "Accredited today for this kind of service" in found
    draft_url = _url("draft", world.case.pk, world.offer.pk)
    assert draft_url in found

    form = worker.get(draft_url).context["form"]
    given = {
        "record_id": form["record_id"].value(),
        "consent": consent.pk,
        "urgency": "emergency",
        "request": "Two nights, with a child",
    }
    page = worker.post(draft_url, given, follow=True)
    worker.post(draft_url, given)  # a double click
    assert Referral.objects.count() == 1
    referral = Referral.objects.get()
    assert "What will be sent" in _text(page)
    assert "Two nights, with a child" in _text(page)
    return referral


def test_the_whole_loop_through_the_pages(world, consent, login):
    worker, provider, colleague = login(world.caseworker), login(world.provider), world.caseworker_shelter
    assert world.offer
    referral = _draft_through_the_pages(world, consent, worker)

    assert "Sent." in _text(worker.post(_url("send", referral.pk), follow=True))
    assert referral.number in _text(provider.get(_url("inbox")))
    assert "Accept referral" in _text(provider.get(_url("referral", referral.pk)))
    assert Referral.objects.get().status == "sent"
    assert "Receipt confirmed." in _text(provider.post(_url("receive", referral.pk), follow=True))
    assert Referral.objects.get().status == "received"
    assert "Ximena" in _text(provider.get(_url("packet", referral.pk)))

    assert "Accepted." in _text(provider.post(_url("accept", referral.pk), follow=True))
    again = _text(provider.post(_url("accept", referral.pk), follow=True))
    assert "This was already done" in again

    chosen = {"worker": f"{world.shelter_team.pk}:{colleague.pk}"}
    opened = provider.post(_url("open_case", referral.pk), chosen, follow=True)
    assert "Your own case is open" in _text(opened)
    twice = provider.post(_url("open_case", referral.pk), chosen)
    assert "A case was already opened" in _text(twice)
    assert Case.objects.count() == 2

    done = provider.post(
        _url("complete", referral.pk), {"outcome": "provided", "answer": "Safe now"}, follow=True
    )
    assert "Outcome reported" in _text(done)
    seen = _text(worker.get(_url("referral", referral.pk)))
    assert "Safe now" in seen
    assert _text(login(colleague).get(_url("referral", referral.pk)))


def test_region_and_language_are_the_persons_until_others_are_asked_for(world, login):
    records.change(world.case.person, by=None, region="AR-B", language="pt")
    url, worker = _url("candidates", world.case.pk), login(world.caseworker)
    form = worker.get(url, {"service_kind": "shelter"}).context["form"]
    assert (form["region"].value(), form["language"].value()) == ("AR-B", "pt")
    form = worker.get(url, {"service_kind": "shelter", "region": "", "language": "es"}).context["form"]
    assert (form["region"].value(), form["language"].value()) == ("", "es")


def test_a_region_of_another_member_state_is_no_wish_and_hides_nobody(world, login):
    assert world.accreditation
    assert world.offer
    records.change(world.case.person, by=None, region="BR-SP")
    page = login(world.caseworker).get(_url("candidates", world.case.pk), {"service_kind": "shelter"})
    assert "Refer here" in _text(page)
    assert page.context["form"]["region"].value() == ""


def test_with_any_region_the_hint_at_another_region_stays(world, login):
    assert world.accreditation
    assert world.offer
    records.change(world.case.person, by=None, region="AR-X")
    asked = {"service_kind": "shelter", "region": ""}
    shown = _text(login(world.caseworker).get(_url("candidates", world.case.pk), asked))
    assert "In another region: ask whether the person can and wants to go" in shown


def test_without_a_consent_the_draft_leads_to_one_and_back(world, login):
    assert world.accreditation
    shown = _text(login(world.caseworker).get(_url("draft", world.case.pk, world.offer.pk)))
    assert "No consent in force for this provider" in shown
    assert f"recipient={world.shelter.pk}" in shown


def test_the_consent_page_knows_the_provider_and_leads_back(world, login):
    assert world.accreditation
    worker = login(world.caseworker)
    draft_url = _url("draft", world.case.pk, world.offer.pk)
    asked = (
        f"{reverse('cases:consent_add', args=[world.case.pk])}?recipient={world.shelter.pk}&next={draft_url}"
    )
    form = worker.get(asked).context["form"]
    assert form["recipient"].value() == str(world.shelter.pk)
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    given["evidence"] = "written"
    given["kinds"] = ["identity", "contact"]
    page = worker.post(asked, given, follow=True)
    assert page.redirect_chain[-1][0] == draft_url
    assert "Save and see what will be sent" in _text(page)


def test_a_refused_step_is_logged_as_one_of_a_referral(world, sent, login):
    assert login(world.provider).post(_url("withdraw", sent.pk)).status_code == 403
    assert AccessEntry.objects.get(action="refused").object_label == "referrals.Referral"


def test_who_may_not_know_gets_404_and_who_may_not_act_gets_403(world, sent, login):
    for stranger in (world.provider2, world.caseworker2, world.caseworker_br, world.officer, world.admin):
        client = login(stranger)
        for name in ("referral", "packet", "withdraw"):
            assert client.get(_url(name, sent.pk)).status_code == 404, (stranger.username, name)
        for name in ("send", "accept", "waitlist", "start"):
            assert client.post(_url(name, sent.pk)).status_code == 404, (stranger.username, name)
        assert client.get(_url("candidates", world.case.pk)).status_code == 404
    provider, worker = login(world.provider), login(world.caseworker)
    assert provider.get(reverse("cases:case", args=[world.case.pk])).status_code == 404
    assert provider.get(_url("candidates", world.case.pk)).status_code == 404
    assert provider.get(_url("withdraw", sent.pk)).status_code == 403
    assert worker.post(_url("accept", sent.pk)).status_code == 403
    assert worker.get(_url("inbox")).status_code == 403


def test_a_suspension_is_told_on_the_home_page_and_in_the_inbox(world, sent, login):
    provider = login(world.provider)
    assert "Suspended:" not in _text(provider.get("/"))
    credentials.suspend(world.accreditation, by=world.officer, reason="safety")
    for address in ("/", _url("inbox")):
        shown = _text(provider.get(address))
        assert "Suspended:" in shown
        assert "You can decline what is referred for it, and not accept it." in shown
        assert reverse("certification:mine") in shown


def test_what_was_sent_this_minute_is_not_zero_minutes_old(world, sent, login):
    shown = _text(login(world.provider).get(_url("inbox")))
    assert "just now" in shown
    assert "0\xa0minutes" not in shown


def test_the_inbox_says_nothing_of_the_person(world, sent, login):
    shown = _text(login(world.provider).get(_url("inbox")))
    assert sent.number in shown
    assert world.case.number not in shown
    for secret in ("Ximena", "Quispe", sent.request):
        assert secret not in shown


def test_the_referral_page_of_the_receiver_does_not_name_the_case(world, sent, login):
    shown = _text(login(world.provider).get(_url("referral", sent.pk)))
    assert world.case.number not in shown
    assert sent.request not in shown


def test_declining_keeps_what_was_written_when_the_reason_is_missing(world, sent, login):
    provider = login(world.provider)
    shown = _text(provider.post(_url("decline", sent.pk), {"reason": "", "answer": "We are full"}))
    assert "We are full" in shown
    provider.post(_url("decline", sent.pk), {"reason": "no_capacity", "answer": "We are full"})
    worker = login(world.caseworker)
    answered = _text(worker.get(_url("referral", sent.pk)))
    assert "Find another provider" in answered
    assert "We are full" in answered
    proposed = _text(worker.get(_url("candidates", world.case.pk), {"service_kind": "shelter"}))
    assert "Declined a referral of this case" in proposed
    assert "Refer here" not in proposed


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_form_of_a_step_that_was_taken_already_says_so_and_leads_back(world, sent, login, method):
    actions.decline_referral(sent, reason="no_capacity", by=world.provider)
    given = {"reason": "no_capacity"}
    page = getattr(login(world.provider), method)(_url("decline", sent.pk), given, follow=True)
    assert page.redirect_chain[-1][0] == _url("referral", sent.pk)
    assert "This was already done" in _text(page)


def test_the_own_case_may_be_opened_after_the_work_began(world, accepted, login):
    actions.start_referral(accepted, by=world.provider)
    assert "Give the case to" in _text(login(world.provider).get(_url("open_case", accepted.pk)))


def test_the_own_case_may_be_opened_after_the_outcome_was_reported(world, accepted, login):
    actions.complete_referral(accepted, outcome="provided", by=world.provider)
    provider, url = login(world.provider), _url("open_case", accepted.pk)
    assert url in _text(provider.get(_url("referral", accepted.pk)))
    chosen = {"worker": f"{world.shelter_team.pk}:{world.caseworker_shelter.pk}"}
    assert "Your own case is open" in _text(provider.post(url, chosen, follow=True))
    assert url not in _text(provider.get(_url("referral", accepted.pk)))


def test_the_own_case_is_not_opened_after_the_outcome_once_the_consent_ended(world, accepted, login):
    actions.complete_referral(accepted, outcome="provided", by=world.provider)
    case_actions.withdraw_consent(accepted.consent, by=world.caseworker)
    assert _url("open_case", accepted.pk) not in _text(
        login(world.provider).get(_url("referral", accepted.pk))
    )


def test_the_packet_names_an_alleged_perpetrator_as_one(world, consent, login):
    own = {"case": world.case, "subject_key_id": world.case.subject_key_id}
    Party.objects.create(**own, role="alleged_perpetrator", relationship="ex_partner", name="Invented Other")
    records.change(consent, by=None, kinds=["identity"])
    draft, _new = actions.draft_referral(world.case, offer=world.offer, consent=consent, by=world.caseworker)
    preview = _text(login(world.caseworker).get(_url("referral", draft.pk)))
    sent = actions.send_referral(draft, by=world.caseworker)
    for page in (preview, _text(login(world.provider).get(_url("packet", sent.pk)))):
        assert "Alleged perpetrator · Invented Other" in page
        assert "Danger: do not contact them" in page
        assert "Former partner" in page


def test_the_packet_shows_each_contact_with_its_rules_and_warns_of_protected_kinds(world, consent, login):
    ContactPoint.objects.create(
        organization=world.agency,
        person=world.case.person,
        subject_key_id=world.case.subject_key_id,
        contact_kind="mobile",
        value="+54 11 5555 0100",
        safety="with_care",
        rules="Mornings only",
    )
    draft, _new = actions.draft_referral(
        world.case, offer=world.offer, consent=consent, request="A room", by=world.caseworker
    )
    sent = actions.send_referral(draft, by=world.caseworker)
    shown = _text(login(world.provider).get(_url("packet", sent.pk)))
    assert "Mornings only" in shown
    assert "do not pass it on" in shown
    entry = AccessEntry.objects.get(object_label="referrals.Packet", action="read")
    assert entry.kinds == sorted(ALL_KINDS)


def test_the_case_page_tells_of_its_referrals(world, sent, login):
    shown = _text(login(world.caseworker).get(reverse("cases:case", args=[world.case.pk])))
    assert sent.number in shown
    assert "Referral sent" in shown


def test_home_shows_what_is_new_and_what_was_answered(world, sent, login):
    assert sent.number in _text(login(world.provider).get(reverse("home")))
    actions.accept_referral(sent, by=world.provider)
    assert "accepted" in _text(login(world.caseworker).get(reverse("home")))


# -- The directory -------------------------------------------------------------------------------------------


def test_the_directory_is_for_who_refers_answers_or_coordinates(world, login):
    assert world.accreditation
    assert world.offer
    for user in (world.caseworker, world.supervisor, world.provider, world.coordinator):
        assert "accredited today" in _text(login(user).get(_url("directory")))
    for user in (world.officer, world.admin, world.practitioner):
        assert login(user).get(_url("directory")).status_code == 403


def test_the_directory_is_narrowed_by_kind_region_and_language(world, login):
    shelter = factories.service_at_location(world.shelter, "shelter", languages=["es"])
    clinic = factories.service_at_location(world.clinic, "medical_care", languages=["pt"])
    caseworker = login(world.caseworker)
    for asked, shown in (
        ({"service_kind": "shelter"}, [shelter]),
        ({"language": "pt"}, [clinic]),
        ({"region": "AR-C"}, [clinic, shelter]),
        ({"service_kind": "legal_aid"}, []),
    ):
        rows = caseworker.get(_url("directory"), asked).context["rows"]
        assert [row["url"] for row in rows] == [_url("service", offer.pk) for offer in shown]


@pytest.mark.parametrize(
    ("tier", "provider2_reads", "caseworker_reads"),
    [(Tier.PUBLIC, True, True), (Tier.PARTNER, False, True), (Tier.CONFIDENTIAL, False, False)],
)
def test_an_address_is_shown_only_to_who_may_read_it(world, login, tier, provider2_reads, caseworker_reads):
    service = Service.objects.create(organization=world.shelter, kind="shelter", name="House")
    place = factories.location(world.shelter, tier=tier, address="Hidden Lane 7")
    offer = ServiceAtLocation.objects.create(service=service, location=place)
    for user, reads in (
        (world.provider, True),
        (world.provider2, provider2_reads),
        (world.caseworker, caseworker_reads),
    ):
        assert ("Hidden Lane 7" in _text(login(user).get(_url("service", offer.pk)))) is reads


def test_staff_add_a_service_once_and_keep_its_places(world, login):
    place = factories.location(world.shelter)
    provider = login(world.provider)
    form = provider.get(_url("service_add")).context["form"]
    given = {
        "record_id": form["record_id"].value(),
        "kind": "shelter",
        "name": "Night shelter",
        "location": place.pk,
        "places_free": 4,
        "genders": ["woman"],
        "age_from": 18,
    }
    provider.post(_url("service_add"), given)
    assert "Night shelter" in _text(provider.post(_url("service_add"), given, follow=True))
    offer = ServiceAtLocation.objects.get()
    assert (offer.places_free, offer.service.genders, offer.service.age_from) == (4, ["woman"], 18)

    given = {"places_free": "", "is_active": "", "revision": offer.revision}
    shown = _text(provider.post(_url("places", offer.pk), given, follow=True))
    assert "not offered now" in shown
    other = given | {"places_free": 5}
    stale = provider.post(_url("places", offer.pk), other)
    assert "Somebody changed this" in _text(stale)
    again = other | {"revision": stale.context["form"]["revision"].value()}
    assert "Saved." in _text(provider.post(_url("places", offer.pk), again, follow=True))
    assert login(world.provider2).post(_url("places", offer.pk), given).status_code == 403
    assert login(world.caseworker).get(_url("service_add")).status_code == 403


def _given(form):
    """What a browser sends of a form as it is shown."""
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None}


def test_staff_correct_what_they_offer_and_a_stale_form_keeps_what_was_typed(world, login):
    offer = factories.service_at_location(world.shelter, genders=["woman"], languages=["es"], age_from=18)
    provider, url = login(world.provider), _url("service_edit", offer.pk)
    assert url in _text(provider.get(_url("service", offer.pk)))
    given = _given(provider.get(url).context["form"])
    assert (given["genders"], given["languages"], given["age_from"]) == (["woman"], ["es"], 18)

    corrected = given | {"description": "With a garden", "age_from": 16, "genders": []}
    assert "With a garden" in _text(provider.post(url, corrected, follow=True))
    service = Service.objects.get(pk=offer.service_id)
    assert (service.age_from, service.genders, service.languages) == (16, [], ["es"])
    assert service.kind == "shelter"

    stale = provider.post(url, given | {"description": "Typed later"})
    assert "Somebody changed this" in _text(stale)
    assert "Typed later" in _text(stale)
    again = given | {"description": "Typed later", "revision": stale.context["form"]["revision"].value()}
    assert "Typed later" in _text(provider.post(url, again, follow=True))


def test_a_correction_is_checked_as_a_new_service_is(world, login):
    provider, url = login(world.provider), _url("service_edit", world.offer.pk)
    given = _given(provider.get(url).context["form"]) | {"age_from": 30, "age_to": 20, "name": "Other"}
    assert "The highest age is below the lowest" in _text(provider.post(url, given))
    assert Service.objects.get().name != "Other"


def test_a_code_that_is_not_offered_any_more_stays_with_its_service(world, login):
    offer = factories.service_at_location(world.shelter, regions=["BR-SP"])
    provider, url = login(world.provider), _url("service_edit", offer.pk)
    given = _given(provider.get(url).context["form"])
    provider.post(url, given | {"name": "Renamed"})
    service = Service.objects.get(pk=offer.service_id)
    assert (service.name, service.regions) == ("Renamed", ["BR-SP"])


def test_only_the_providers_own_staff_correct_a_service(world, login):
    url = _url("service_edit", world.offer.pk)
    for user in (world.provider2, world.caseworker, world.coordinator, world.officer):
        client = login(user)
        assert client.get(url).status_code == client.post(url).status_code == 403, user.username
    unknown = _url("service_edit", world.case.pk)
    assert login(world.provider).get(unknown).status_code == 404
    assert url not in _text(login(world.caseworker).get(_url("service", world.offer.pk)))


# -- As many queries for fifty rows as for one ---------------------------------------------------------------


def _queries(client, url, **asked):
    client.get(url, asked)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url, asked)
    assert response.status_code == 200
    return len(queries), response


@pytest.mark.parametrize(("name", "limit"), [("directory", 14), ("candidates", 30)])
def test_lists_of_services_take_a_fixed_number_of_queries(world, login, name, limit):
    args = [world.case.pk] if name == "candidates" else []
    caseworker = login(world.caseworker)

    def offer():
        provider = factories.organization(is_provider=True)
        factories.accreditation(world.body, provider)
        factories.service_at_location(provider)

    offer()
    one, _response = _queries(caseworker, _url(name, *args), service_kind="shelter")
    for _number in range(9):
        offer()
    many, _response = _queries(caseworker, _url(name, *args), service_kind="shelter")
    assert one == many <= limit


def _refer(world, case, provider=None):
    """Sent from a case to a provider, another one each time unless one is named."""
    provider = provider or factories.organization(is_provider=True)
    factories.accreditation(world.body, provider)
    draft, _new = actions.draft_referral(
        case,
        offer=factories.service_at_location(provider),
        consent=factories.consent(case, provider),
        by=world.caseworker,
    )
    return actions.send_referral(draft, by=world.caseworker)


def _lapse(referral):
    """Its provider lost the accreditation, and it was flagged."""
    held = Accreditation.objects.get(institution=referral.receiver)
    records.change(held, by=None, valid_until=timezone.localdate() - timedelta(days=1))
    assert actions.flag_lapsed([referral.receiver_id]) == 1


@pytest.mark.parametrize("lapsed", [False, True])
def test_the_case_page_takes_a_fixed_number_of_queries_for_its_referrals(world, login, lapsed):
    case, url = world.case, reverse("cases:case", args=[world.case.pk])
    worker = login(world.caseworker)

    def refer():
        sent = _refer(world, case)
        if lapsed:
            _lapse(sent)

    refer()
    one, _response = _queries(worker, url)
    for _number in range(4):
        refer()
    many, _response = _queries(worker, url)
    assert one == many


def test_the_case_page_shows_its_newest_referrals_and_the_timeline_all(world, login, monkeypatch):
    monkeypatch.setattr("referrals.story.IN_SECTION", 2)
    sent = [_refer(world, world.case, world.shelter) for _number in range(3)]
    page = _text(login(world.caseworker).get(reverse("cases:case", args=[world.case.pk])))
    assert [one.number in page for one in sent] == [False, True, True]
    assert "Older referrals are in the timeline." in page
    assert all(_url("referral", one.pk) in page for one in sent)


@pytest.mark.parametrize("panel", ["inbox", "sent"])
def test_the_panels_of_home_take_a_fixed_number_of_queries(world, login, panel):
    client = login(world.provider if panel == "inbox" else world.caseworker)

    def refer():
        if panel == "inbox":
            _refer(world, factories.case(world.team, world.caseworker), world.shelter)
        else:
            _lapse(_refer(world, world.case))

    refer()
    one, _response = _queries(client, reverse("home"))
    for _number in range(4):
        refer()
    many, response = _queries(client, reverse("home"))
    assert one == many
    assert response.content.decode().count('· <span class="vc-number">') == 5


def test_the_inbox_takes_a_fixed_number_of_queries_and_pages_by_key(world, consent, login, monkeypatch):
    monkeypatch.setattr("victimcare.paging.SIZE", 5)
    provider = login(world.provider)

    def send():
        case = factories.case(world.team, world.caseworker)
        given = factories.consent(case, world.shelter)
        draft, _new = actions.draft_referral(case, offer=world.offer, consent=given, by=world.caseworker)
        return actions.send_referral(draft, by=world.caseworker)

    send()
    one, _response = _queries(provider, _url("inbox"), show="new")
    for _number in range(7):
        send()
    many, first = _queries(provider, _url("inbox"), show="new")
    assert one == many <= 12
    second = provider.get(first.context["next_url"])
    numbers = [row["number"] for page in (first, second) for row in page.context["rows"]]
    assert len(numbers) == len(set(numbers)) == 8
    assert not second.context["next_url"]


def test_two_colleagues_who_confirm_the_receipt_are_both_told(world, sent, login):
    """The second is told that it was done."""
    provider = login(world.provider)
    assert "Receipt confirmed." in _text(provider.post(_url("receive", sent.pk), follow=True))
    assert "This was already done" in _text(provider.post(_url("receive", sent.pk), follow=True))
    assert Referral.objects.get(pk=sent.pk).status == "received"


@pytest.mark.parametrize("step", ["send", "withdraw"])
def test_the_senders_steps_need_the_case_not_only_its_organisation(world, sent, login, step):
    """Somebody of another team who works for the receiver as well sees the referral as the receiver does."""
    both = factories.member(Role.CASEWORKER, world.agency, world.other_team, "both")
    Membership.objects.create(user=both, organization=world.shelter, role=Role.PROVIDER)
    client = login(both)
    page = client.get(_url("referral", sent.pk))
    assert page.context["may"]["accept"]
    assert not page.context["may"]["withdraw"]
    assert client.post(_url(step, sent.pk), {"reason": "person_declined"}).status_code == 403


def _listed(client, tab):
    return _text(client.get(_url("mine"), {"show": tab}))


def test_my_referrals_stand_where_their_next_step_is(world, draft, login, fresh):
    worker = login(world.caseworker)
    number = draft.number
    assert number in _text(worker.get(_url("mine")))
    sent = actions.send_referral(draft, by=world.caseworker)
    assert number not in _listed(worker, "todo")
    assert number in _listed(worker, "waiting")
    accepted = actions.accept_referral(sent, by=world.provider)
    assert number in _listed(worker, "running")
    actions.complete_referral(accepted, outcome="provided", by=world.provider)
    assert number in _listed(worker, "ended")
    for tab in ("todo", "waiting", "running"):
        assert number not in _listed(worker, tab)


def test_a_declined_referral_is_to_do_until_somebody_else_is_asked(world, sent, consent, login):
    worker = login(world.caseworker)
    actions.decline_referral(sent, reason="no_capacity", by=world.provider)
    assert sent.number in _listed(worker, "todo")
    assert sent.number not in _listed(worker, "ended")
    again, _new = actions.draft_referral(world.case, offer=world.offer, consent=consent, by=world.caseworker)
    assert sent.number in _listed(worker, "ended")
    assert sent.number not in _listed(worker, "todo")
    assert again.number in _listed(worker, "todo")


def test_a_lapsed_referral_is_to_do_until_the_provider_is_reinstated(world, sent, login):
    worker = login(world.caseworker)
    credentials.suspend(world.accreditation, by=world.officer, reason="safety")
    actions.flag_lapsed([world.shelter.pk])
    shown = _listed(worker, "todo")
    assert sent.number in shown
    assert "provider not accredited any more" in shown
    credentials.reinstate(world.accreditation, by=world.officer)
    assert sent.number not in _listed(worker, "todo")
    assert sent.number in _listed(worker, "waiting")


def test_the_most_urgent_is_to_do_first(world, consent, login):
    def draft(urgency):
        values = {"offer": world.offer, "consent": consent, "urgency": urgency, "by": world.caseworker}
        return actions.draft_referral(world.case, **values)[0].number

    routine, emergency, soon = draft("routine"), draft("emergency"), draft("soon")
    for shown in (_listed(login(world.caseworker), "todo"), _text(login(world.caseworker).get("/"))):
        assert shown.index(emergency) < shown.index(soon) < shown.index(routine)


def test_my_referrals_and_the_home_page_name_nobody_and_show_nobody_elses(world, sent, login):
    worker = login(world.caseworker)
    for shown in (_text(worker.get("/")), _listed(worker, "waiting")):
        assert "Ximena" not in shown
        assert "Quispe" not in shown
    home = _text(worker.get("/"))
    assert "1 waits for an answer" in home
    assert f"{_url('mine')}?show=waiting" in home
    assert sent.number not in _listed(login(world.caseworker2), "waiting")
    assert login(world.provider).get(_url("mine")).status_code == 403


@pytest.mark.parametrize("tab", ["todo", "waiting"])
def test_my_referrals_take_a_fixed_number_of_queries_for_a_page(world, consent, login, tab):
    assert world.accreditation

    def one():
        draft, _new = actions.draft_referral(
            world.case, offer=world.offer, consent=consent, by=world.caseworker
        )
        if tab == "waiting":
            actions.send_referral(draft, by=world.caseworker)

    one()
    worker = login(world.caseworker)
    few, _page = _queries(worker, _url("mine"), show=tab)
    for _number in range(51):
        one()
    many, page = _queries(worker, _url("mine"), show=tab)
    assert many == few
    assert len(page.context["rows"]) == 50
    following = worker.get(page.context["next_url"])
    assert len(following.context["rows"]) == 2


def test_where_the_consent_leaves_risk_out_the_draft_says_what_stays_here(world, consent, login):
    records.change(consent, by=None, kinds=["identity", "contact"])
    worker, draft_url = login(world.caseworker), _url("draft", world.case.pk, world.offer.pk)
    shown = _text(worker.get(draft_url))
    assert "The provider will not read what you ask for" in shown
    assert "what is asked for is left out" in shown
    values = {"offer": world.offer, "consent": consent, "by": world.caseworker}
    asked, _new = actions.draft_referral(world.case, request="A room", **values)
    silent, _new = actions.draft_referral(world.case, **values)
    assert "The provider will not read what you ask for" in _text(worker.get(_url("referral", asked.pk)))
    empty = _text(worker.get(_url("referral", silent.pk)))
    assert "The provider will not read" not in empty
    assert "nothing written" in empty


def test_a_consent_that_covers_risk_needs_no_warning(world, draft, login):
    worker = login(world.caseworker)
    for address in (_url("draft", world.case.pk, world.offer.pk), _url("referral", draft.pk)):
        assert "The provider will not read" not in _text(worker.get(address))


def test_a_coordinator_sees_which_places_nobody_counted_lately(world, login):
    assert world.accreditation
    coordinator = login(world.coordinator)
    records.change(world.offer, by=None, places_counted_at=timezone.now() - timedelta(days=31))
    assert world.offer.service.name in _text(coordinator.get("/"))
    records.change(world.offer, by=None, places_counted_at=timezone.now())
    assert "Every provider counted its places lately." in _text(coordinator.get("/"))
