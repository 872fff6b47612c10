"""The pages: who reaches which, what they show, and what they never show."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from certification import actions
from certification.models import Accreditation, Application, Certificate
from tests import factories
from tests.certification.builders import (
    approved,
    certificate,
    institutional_draft,
    personal_draft,
    reviewed,
    scheme,
)
from victimcare.forms import new_record_id
from victimcare.models import AccessEntry, Membership, Role
from victimcare.models.logs import Action

NAME = "Yolanda Invented"


def url(name: str, *args) -> str:
    return reverse(f"certification:{name}", args=args)


@pytest.fixture
def sent(world):
    return actions.submit_application(personal_draft(world), by=world.practitioner)


@pytest.fixture
def certified(world):
    return approved(personal_draft(world), world).certificate


def test_practitioner_applies_looks_over_and_sends(world, login):
    version = scheme(world.body, requirements={"experience_hours": 1500, "mandatory_hours": {"ethics": 6}})
    client = login(world.practitioner)
    form = {
        "record_id": new_record_id(),
        "scheme_version": version.pk,
        "legal_name": NAME,
        "birth": "1990-04",
    }
    first = client.post(url("apply"), form)
    again = client.post(url("apply"), form)
    draft = Application.objects.get()
    assert first.url == again.url == url("evidence", draft.pk)
    evidence = {
        "revision": 1,
        "experience_hours": 1600,
        "hours_ethics": 2,
        "ethics_code": "on",
        "statement": "More",
    }
    assert client.post(first.url, evidence).url == url("application", draft.pk)
    assert "less than asked" in client.post(url("submit", draft.pk)).content.decode()
    client.post(url("submit", draft.pk), {"anyway": "on"})
    page = client.get(url("application", draft.pk)).content.decode()
    assert "1600" in page
    assert "at least 6" in page
    draft.refresh_from_db()
    assert (draft.status, draft.submitted_by) == ("submitted", world.practitioner)
    assert draft.evidence == {"experience_hours": 1600, "hours_ethics": 2, "ethics_code": True}


def test_an_application_without_evidence_is_not_sent_without_a_word(world, login):
    kind = factories.accreditation_kind(world.body, requirements=[{"en": "Staff on duty day and night"}])
    draft = institutional_draft(world, kind)
    client = login(world.provider)
    for page in (client.get(url("submit", draft.pk)), client.post(url("submit", draft.pk))):
        assert "Something that is asked for is missing" in page.content.decode()
        assert "Staff on duty day and night" in page.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"
    sent = client.post(url("submit", draft.pk), {"anyway": "on"}, follow=True)
    assert "Sent. The certifying body reviews it" in sent.content.decode()
    draft.refresh_from_db()
    assert draft.status == "submitted"


def test_a_complete_application_is_sent_without_another_question(world, login):
    kind = factories.accreditation_kind(world.body, requirements=[{"en": "Staff on duty day and night"}])
    draft = institutional_draft(world, kind, evidence={"condition_0": True})
    client = login(world.provider)
    assert "All that is asked for is stated" in client.get(url("submit", draft.pk)).content.decode()
    client.post(url("submit", draft.pk))
    draft.refresh_from_db()
    assert draft.status == "submitted"


def test_sending_is_for_the_applicant_alone(world, login, sent):
    assert login(world.officer).get(url("submit", sent.pk)).status_code == 403


def test_a_suspension_is_told_to_its_holder_with_what_it_means(world, login):
    actions.suspend(world.accreditation, by=world.officer, reason="safety")
    page = login(world.provider).get(url("mine")).content.decode()
    assert "Suspended since" in page
    assert "Danger to the people served" in page
    assert "can be declined, not accepted" in page
    assert f"Ask {world.body.name} about it" in page
    actions.reinstate(world.accreditation, by=world.officer)
    assert "Suspended since" not in login(world.provider).get(url("mine")).content.decode()


def test_a_suspended_certificate_is_told_to_its_holder(world, login, certified):
    actions.suspend(certified, by=world.officer, reason="complaint")
    page = login(world.practitioner).get(url("mine")).content.decode()
    assert "It does not count until it is reinstated." in page
    assert "Complaint under inquiry" in page


def test_what_an_examiner_never_does_is_not_offered(world, login):
    done = reviewed(institutional_draft(world), world)
    examiner, officer = login(world.examiner), login(world.officer)
    assert "To decide" not in examiner.get(url("queue"), {"show": "decide"}).content.decode()
    assert "To decide" in officer.get(url("queue")).content.decode()
    assert done.number in officer.get(url("queue"), {"show": "decide"}).content.decode()
    assert "Waiting for a decision" not in examiner.get("/").content.decode()
    assert "Waiting for a decision" in officer.get("/").content.decode()


def test_what_was_written_stays_when_somebody_else_changed_the_draft(world, login):
    draft = institutional_draft(world)
    page = login(world.provider).post(url("evidence", draft.pk), {"revision": 7, "statement": "My words"})
    assert page.status_code == 200
    assert "My words" in page.content.decode()
    assert "Somebody changed this" in page.content.decode()


def test_provider_applies_for_their_institution_at_one_place(world, login):
    kind = factories.accreditation_kind(world.body, requirements=[{"en": "Staff on duty day and night"}])
    place = factories.location(world.shelter)
    client = login(world.provider)
    form = {
        "record_id": new_record_id(),
        "institution": world.shelter.pk,
        "kind": kind.pk,
        "location": place.pk,
    }
    page = client.get(client.post(url("apply_for_institution"), form).url)
    assert "Staff on duty day and night" in page.content.decode()
    assert Application.objects.get().location == place


def test_place_of_another_institution_cannot_be_chosen(world, login):
    form = {
        "record_id": new_record_id(),
        "institution": world.shelter.pk,
        "kind": factories.accreditation_kind(world.body).pk,
        "location": factories.location(world.clinic).pk,
    }
    assert login(world.provider).post(url("apply_for_institution"), form).status_code == 200
    assert not Application.objects.exists()


def test_examiner_reviews_and_officer_decides_on_the_pages(world, login, sent):
    examiner, officer = login(world.examiner), login(world.officer)
    examiner.post(url("start_review", sent.pk))
    review = {"recommendation": "approved", "findings": "Papers seen."}
    assert examiner.post(url("review", sent.pk), review).url == url("application", sent.pk)
    assert "Papers seen." in officer.get(url("decide", sent.pk)).content.decode()
    decision = {"decision": "approved", "reason": "requirements_met", "valid_from": timezone.localdate()}
    officer.post(url("decide", sent.pk), decision)
    twice = officer.post(url("decide", sent.pk), decision, follow=True)
    assert Certificate.objects.count() == 1
    assert "already done" in twice.content.decode()


def test_who_reviewed_reads_why_a_colleague_decides(world, login):
    draft = actions.submit_application(institutional_draft(world), by=world.provider)
    begun = actions.start_review(draft, by=world.officer)
    done = actions.finish_review(begun, by=world.officer, recommendation="approved")
    client = login(world.officer)
    page = client.get(url("application", done.pk)).content.decode()
    assert "You reviewed this application" in page
    assert url("decide", done.pk) not in page
    for answer in (
        client.get(url("decide", done.pk)),
        client.post(url("decide", done.pk), {"decision": "approved"}),
    ):
        assert answer.status_code == 403
        assert "You reviewed this application" in answer.content.decode()
    assert url("decide", done.pk) in login(world.officer2).get(url("application", done.pk)).content.decode()
    assert not Accreditation.objects.exists()


def test_examiner_is_not_offered_the_decision(world, login):
    done = reviewed(institutional_draft(world), world)
    client = login(world.examiner)
    assert url("decide", done.pk) not in client.get(url("application", done.pk)).content.decode()
    assert client.get(url("decide", done.pk)).status_code == 403


@pytest.mark.parametrize("day", ["2021-01-01", "2999-01-01", "9999-12-31"])
def test_decision_reaches_neither_into_the_past_nor_far_ahead(world, login, day):
    done = reviewed(institutional_draft(world), world)
    decision = {"decision": "approved", "reason": "requirements_met", "valid_from": day}
    page = login(world.officer).post(url("decide", done.pk), decision)
    assert "Choose a day from today on" in page.content.decode()
    assert page.context["form"].errors["valid_from"]
    assert not Accreditation.objects.exists()


def test_applicant_who_works_at_the_body_reads_no_findings_on_their_own_application(world, login):
    Membership.objects.create(user=world.practitioner, organization=world.body, role=Role.EXAMINER)
    done = reviewed(personal_draft(world), world)
    page = login(world.practitioner).get(url("application", done.pk)).content.decode()
    assert "All was seen." not in page
    assert "recommends" not in page
    assert "All was seen." in login(world.officer).get(url("application", done.pk)).content.decode()


def test_evidence_form_is_open_to_the_applicant_alone(world, login, sent):
    for who in ("officer", "examiner"):
        client = login(getattr(world, who))
        assert client.get(url("evidence", sent.pk)).status_code == 403
        assert client.post(url("evidence", sent.pk), {"revision": 1}).status_code == 403


def test_evidence_form_is_closed_once_the_application_was_sent(world, login, sent):
    page = login(world.practitioner).get(url("evidence", sent.pk), follow=True)
    assert page.redirect_chain[-1][0] == url("application", sent.pk)
    assert "Its state is now: submitted" in page.content.decode()


STEPS = ("application", "start_review", "review", "decide", "evidence", "submit")
POSTS = ("start_review", "submit")


@pytest.mark.parametrize(
    "who", ["stranger", "caseworker", "provider", "coordinator", "auditor", "admin", "colleague"]
)
def test_others_know_nothing_of_an_application(world, login, sent, who):
    others = {
        "stranger": lambda: factories.member(Role.OFFICER, factories.organization(is_certifying_body=True)),
        "auditor": lambda: factories.member(Role.AUDITOR, world.body),
        "colleague": lambda: factories.member(Role.PRACTITIONER, world.shelter),
    }
    client = login(others[who]() if who in others else getattr(world, who))
    for name in STEPS:
        ask = client.post if name in POSTS else client.get
        assert ask(url(name, sent.pk)).status_code == 404, name
    assert AccessEntry.objects.filter(action=Action.REFUSED).count() == len(STEPS)


ROOMS = {
    "queue": {"officer", "examiner"},
    "apply": {"practitioner"},
    "apply_for_institution": {"provider"},
    "mine": {"practitioner", "provider"},
    "schemes": {"officer", "examiner", "coordinator"},
    "register": {"officer", "examiner", "coordinator", "practitioner", "provider", "caseworker", "admin"},
}


@pytest.mark.parametrize(
    "who", ["officer", "examiner", "coordinator", "practitioner", "provider", "caseworker", "admin"]
)
def test_rooms_are_for_their_roles(world, login, who):
    client = login(getattr(world, who))
    for room, roles in ROOMS.items():
        assert client.get(url(room)).status_code == (200 if who in roles else 403), room


def test_register_shows_no_name_of_a_person(world, login, certified):
    for user in (world.officer, world.practitioner, world.caseworker):
        page = login(user).get(url("register_certificates")).content.decode()
        assert certified.number in page
        assert NAME not in page
        # The page's head names who is signed in, and nobody else.
        assert (str(world.practitioner) in page) == (user == world.practitioner)


@pytest.mark.parametrize(
    ("who", "named"),
    [
        ("officer", True),
        ("examiner", True),
        ("practitioner", True),
        ("caseworker", False),
        ("coordinator", False),
    ],
)
def test_name_on_a_certificate_is_for_the_body_and_the_person(world, login, certified, who, named):
    page = login(getattr(world, who)).get(url("certificate", certified.pk)).content.decode()
    assert certified.number in page
    assert (NAME in page) == named


def test_name_on_what_was_sent_or_issued_does_not_change_with_the_next_draft(world, login, certified):
    form = {
        "record_id": new_record_id(),
        "scheme_version": certified.scheme_version_id,
        "legal_name": "Somebody Else",
        "identity_number": "1",
    }
    holder, officer = login(world.practitioner), login(world.officer)
    holder.post(url("apply"), form)
    for client in (holder, officer):
        for address in (
            url("certificate", certified.pk),
            url("application", certified.application_id),
            url("queue"),
        ):
            assert "Somebody Else" not in client.get(address).content.decode()
        assert NAME in client.get(url("certificate", certified.pk)).content.decode()
        assert "99.111.222" in client.get(url("application", certified.application_id)).content.decode()
    assert "Somebody Else" in holder.get(url("mine")).content.decode()


def test_officer_of_another_body_reads_no_name(world, login, certified):
    stranger = factories.member(Role.OFFICER, factories.organization(is_certifying_body=True))
    client = login(stranger)
    assert NAME not in client.get(url("certificate", certified.pk)).content.decode()
    assert client.get(url("certificate_suspend", certified.pk)).status_code == 403


def test_register_is_searched_by_number_and_by_institution(world, login):
    held, other = world.accreditation, factories.accreditation(world.body, world.clinic)
    client = login(world.caseworker)
    for words in (held.number.lower().replace("-", " "), "helt"):
        page = client.post(url("register"), {"words": words}).content.decode()
        assert held.number in page
        assert other.number not in page
    assert "Nothing found" in client.post(url("register"), {"words": "zzz"}).content.decode()


def test_officer_suspends_and_reinstates_on_the_page(world, login):
    held = world.accreditation
    client = login(world.officer)
    form = {"reason": "safety", "from_day": timezone.localdate()}
    client.post(url("accreditation_suspend", held.pk), form)
    page = client.get(url("accreditation", held.pk)).content.decode()
    assert "vc-status-stop" in page
    assert "Danger to the people served" in page
    assert url("accreditation_reinstate", held.pk) in page
    client.post(url("accreditation_reinstate", held.pk), {"reason": "corrected"})
    held.refresh_from_db()
    assert held.status == "issued"
    client.post(url("accreditation_revoke", held.pk), {"reason": "closed"})
    held.refresh_from_db()
    assert held.status == "revoked"


@pytest.mark.parametrize(
    "who", ["examiner", "provider", "practitioner", "coordinator", "caseworker", "admin"]
)
def test_others_see_the_accreditation_and_cannot_touch_it(world, login, who):
    client = login(getattr(world, who))
    assert client.get(url("accreditation", world.accreditation.pk)).status_code == 200
    for step in ("suspend", "reinstate", "revoke"):
        assert client.get(url(f"accreditation_{step}", world.accreditation.pk)).status_code == 403
        assert client.post(url(f"accreditation_{step}", world.accreditation.pk)).status_code == 403


def test_officer_who_holds_it_is_offered_no_step_and_refused_each(world, login):
    own = certificate(world.body, world.officer, scheme(world.body))
    Membership.objects.create(user=world.officer, organization=world.shelter, role=Role.PROVIDER)
    for name, held in (("certificate", own), ("accreditation", world.accreditation)):
        client = login(world.officer)
        assert client.get(url(name, held.pk)).context["steps"] == []
        assert login(world.officer2).get(url(name, held.pk)).context["steps"]
        for step in ("suspend", "reinstate", "revoke"):
            assert client.get(url(f"{name}_{step}", held.pk)).status_code == 403
            assert client.post(url(f"{name}_{step}", held.pk), {"reason": "safety"}).status_code == 403


def test_expired_is_shown_as_expired(world, login):
    yesterday = timezone.localdate() - timezone.timedelta(days=1)
    held = factories.accreditation(world.body, world.shelter, valid_until=yesterday)
    page = login(world.officer).get(url("accreditation", held.pk)).content.decode()
    assert "expired" in page
    assert url("accreditation_suspend", held.pk) not in page


def test_missing_staff_certificates_are_said_in_words(world, login):
    scheme(world.body, "nacp-basic")
    kind = factories.accreditation_kind(world.body, required_certificates={"nacp-basic": 1})
    held = factories.accreditation(world.body, world.shelter, kind=kind)
    page = login(world.caseworker).get(url("accreditation", held.pk)).content.decode()
    assert "Scheme nacp-basic: 1 member of staff must hold it, 0 do today" in page


def test_home_tells_what_waits(world, login, sent):
    page = login(world.officer).get(reverse("home")).content.decode()
    assert sent.number in page
    assert "Waiting for review" in page
    assert NAME not in page
    assert "My certificates" in login(world.practitioner).get(reverse("home")).content.decode()


def test_reading_an_application_is_logged(world, login, sent):
    login(world.officer).get(url("application", sent.pk))
    entry = AccessEntry.objects.about(sent).get(action=Action.READ)
    assert (entry.by, set(entry.kinds)) == (world.officer, {"documents", "identity"})


def test_step_that_was_taken_already_is_said_so(world, login):
    decided = approved(institutional_draft(world), world)
    page = login(world.officer).get(url("decide", decided.pk), follow=True)
    assert page.redirect_chain[-1][0] == url("application", decided.pk)
    assert "already done" in page.content.decode()
    held = decided.accreditation
    assert (
        "already done"
        in login(world.officer).get(url("accreditation_reinstate", held.pk), follow=True).content.decode()
    )


def test_a_coordinator_sees_what_is_suspended_or_ends_soon_in_the_own_state(world, login):
    coordinator = login(world.coordinator)
    assert world.accreditation
    assert "None is suspended, and none ends soon." in coordinator.get("/").content.decode()
    soon = timezone.localdate() + timedelta(days=20)
    ending = factories.accreditation(world.body, world.clinic, valid_until=soon)
    actions.suspend(world.accreditation, by=world.officer, reason="safety")
    page = coordinator.get("/").content.decode()
    assert world.shelter.name in page
    assert ending.institution.name in page
    assert page.index(world.shelter.name) < page.index(ending.institution.name)


@pytest.mark.parametrize("role", [Role.ANALYST])
def test_who_has_no_room_yet_finds_the_register_and_an_honest_word(world, login, role):
    page = login(factories.member(role, world.agency)).get("/").content.decode()
    assert url("register") in page
    assert "a later version" in page
    assert "Nothing is waiting for you" not in page
