"""Every page that shows something about a person leaves a line a record in the access log, with the kinds of
data that were shown. A new page has to be named here.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLPattern, get_resolver, reverse

from cases import actions as case_actions
from cases.models import (
    Assignment,
    ContactPoint,
    Enrolment,
    Incident,
    Note,
    Party,
    RecordRequest,
    SubstanceUse,
    Tie,
)
from cases.views.case import CasePage
from referrals import actions as referral_actions
from tests import factories
from tests.certification import builders
from tests.prepared import in_words
from victimcare.models import AccessEntry, Role
from victimcare.models.logs import Action

APPS = ("cases", "referrals", "certification")
ALL = ("contact", "counselling", "documents", "identity", "incident", "risk", "substance")
CASE, NOTE, REFERRAL = "cases.Case", "cases.Note", "referrals.Referral"
APPLICATION, CERTIFICATE = "certification.Application", "certification.Certificate"

Line = tuple[str, str, tuple[str, ...]]


def read(label: str, *kinds: str) -> list[Line]:
    return [("read", label, kinds)]


def listed(label: str, *kinds: str, times: int = 1) -> list[Line]:
    return [("list", label, kinds)] * times


# Page -> who opens it, and the lines that one look leaves.
PAGES: dict[str, tuple[str, list[Line]]] = {
    "cases:caseload": ("caseworker", listed(CASE, "identity", times=2)),
    "cases:case": ("caseworker", read(CASE, *ALL)),
    "cases:log": ("caseworker", read("victimcare.AccessEntry")),
    "cases:person_edit": ("caseworker", read("cases.Person", "identity")),
    "cases:contact_add": ("caseworker", read(CASE)),
    "cases:contact_edit": ("caseworker", read("cases.ContactPoint", "contact")),
    "cases:contact_retire": ("caseworker", read("cases.ContactPoint", "contact")),
    "cases:assign": ("supervisor", read(CASE)),
    "cases:party_add": ("caseworker", read(CASE)),
    "cases:party_edit": ("caseworker", read("cases.Party", "identity", "incident", "risk")),
    "cases:party_retire": ("caseworker", read("cases.Party", "identity", "incident", "risk")),
    "cases:incident_add": ("caseworker", read(CASE)),
    "cases:incident_edit": ("caseworker", read("cases.Incident", "incident")),
    "cases:incident_retire": ("caseworker", read("cases.Incident", "incident")),
    "cases:substance_add": ("caseworker", read(CASE)),
    "cases:substance_edit": ("caseworker", read("cases.SubstanceUse", "substance")),
    "cases:substance_retire": ("caseworker", read("cases.SubstanceUse", "substance")),
    "cases:document_add": ("caseworker", read(CASE)),
    "cases:document": ("caseworker", [("export", "cases.Document", ("documents",))]),
    "cases:document_retire": ("caseworker", read("cases.Document", "documents")),
    "cases:note_add": ("caseworker", read(CASE)),
    "cases:notes": ("caseworker", listed(NOTE, "counselling") + listed(NOTE, "incident")),
    "cases:note_correct": ("caseworker", read(NOTE, "incident")),
    "cases:enrol": ("caseworker", read(CASE)),
    "cases:enrolment_end": ("caseworker", read("cases.Enrolment")),
    "cases:consent_add": ("caseworker", read(CASE, "identity")),
    "cases:consent_withdraw": ("caseworker", read("cases.Consent", "identity")),
    "cases:urgency": ("caseworker", read(CASE)),
    "cases:closure_ask": ("caseworker", read(CASE)),
    "cases:closure_approve": ("supervisor", read(CASE, "incident")),
    "cases:closure_refuse": ("supervisor", read(CASE)),
    "cases:requests": ("supervisor", listed(CASE)),
    "cases:legal_hold": ("supervisor", read(CASE)),
    "cases:legal_hold_lift": ("supervisor", read(CASE)),
    "cases:erasure_ask": ("caseworker", read(CASE)),
    "cases:erasure_approve": ("supervisor", read(CASE)),
    "cases:erasures": ("supervisor", listed("cases.Erasure")),
    "cases:certificate": ("supervisor", read("cases.Erasure")),
    "cases:emergency": ("caseworker2", read(CASE, "contact", "identity", "risk")),
    "cases:emergencies": ("supervisor", listed("cases.EmergencyAccess")),
    "cases:emergency_review": ("privacy", read("cases.EmergencyAccess", "risk")),
    "cases:ties": ("caseworker", read(CASE, "risk")),
    "cases:tie_declare": ("caseworker", read(CASE)),
    "cases:tie_record": ("supervisor", read(CASE)),
    "cases:tie_place": ("supervisor", read(CASE)),
    "cases:tie_lift": ("supervisor", read("cases.Tie", "risk")),
    "referrals:candidates": ("caseworker", read(CASE, "identity")),
    "referrals:draft": ("caseworker", read(CASE)),
    "referrals:mine": ("caseworker", listed(REFERRAL)),
    "referrals:inbox": ("provider", listed(REFERRAL)),
    "referrals:referral": ("caseworker", read(REFERRAL, "risk")),
    "referrals:packet": ("provider", read("referrals.Packet", "contact", "identity", "incident", "risk")),
    "referrals:withdraw": ("caseworker", read(REFERRAL)),
    "referrals:tie": ("provider", read(REFERRAL)),
    "referrals:decline": ("provider", read(REFERRAL)),
    "referrals:complete": ("provider", read(REFERRAL)),
    "referrals:not_complete": ("provider", read(REFERRAL)),
    "referrals:open_case": ("provider", read(REFERRAL)),
    "referrals:service": ("caseworker", read("victimcare.Location", "contact")),
    "certification:mine": (
        "practitioner",
        listed(APPLICATION, "identity", times=2) + listed(CERTIFICATE),
    ),
    "certification:queue": ("officer", listed(APPLICATION, "identity")),
    "certification:application": ("officer", read(APPLICATION, "documents", "identity")),
    "certification:evidence": ("practitioner", read(APPLICATION, "documents", "identity")),
    "certification:submit": ("practitioner", read(APPLICATION, "documents")),
    "certification:review": ("examiner", read(APPLICATION, "documents", "identity")),
    "certification:decide": ("officer", read(APPLICATION, "documents", "identity")),
    "certification:register_certificates": ("caseworker", listed(CERTIFICATE)),
    "certification:certificate": ("officer", read(CERTIFICATE, "identity")),
    "certification:certificate_suspend": ("officer", read(CERTIFICATE)),
    "certification:certificate_revoke": ("officer", read(CERTIFICATE)),
    "certification:certificate_reinstate": ("officer", read(CERTIFICATE)),
}
# Nobody's data: forms that begin empty, buttons that lead back, reference data, what institutions hold.
NOT_ABOUT_A_PERSON = {
    "cases:search", "cases:ask", "cases:request_answer",
    "cases:emergency_find", "cases:emergency_more", "cases:emergency_end",
    "cases:intake", "cases:log_search", "cases:open", "cases:hold", "cases:resume",
    "cases:reopen", "cases:unassign", "cases:move", "cases:erasure_refuse",
    "referrals:directory", "referrals:service_add",
    "referrals:service_edit", "referrals:places", "certification:apply",
    "certification:apply_for_institution", "certification:register", "certification:schemes",
    "certification:accreditation", "certification:accreditation_suspend",
    "certification:accreditation_reinstate", "certification:accreditation_revoke",
}  # fmt: skip


def patterns() -> Iterator[tuple[str, URLPattern]]:
    for included in get_resolver().url_patterns:
        app = getattr(included, "app_name", None)
        if app in APPS:
            yield from ((f"{app}:{one.name}", one) for one in included.url_patterns)


def test_every_page_is_named():
    answering = {name for name, one in patterns() if hasattr(one.callback.view_class, "get")}
    assert answering == PAGES.keys() | NOT_ABOUT_A_PERSON


class Records:
    """A case that holds every kind of data, in the state that a page needs; and what hangs on it."""

    def __init__(self, world: factories.World, page: str) -> None:
        self.world, self.page = world, page
        self.case = world.case
        self.fill()
        factories.case(world.team, world.caseworker)
        if page.startswith("cases:closure_") and page != "cases:closure_ask":
            case_actions.ask_closure(self.case, by=world.caseworker, reason="goals_reached")
        if page == "cases:legal_hold_lift":
            case_actions.set_legal_hold(self.case, by=world.supervisor, reason="court_order")
        if page in {"cases:erasure_approve", "cases:erasures", "cases:certificate"}:
            self.erasure = case_actions.ask_erasure(self.case, by=world.caseworker, reason="person_asked")
        if page.startswith("cases:emergenc"):
            self.emergency = case_actions.open_in_emergency(
                self.case, by=world.caseworker2, reason="life_in_danger", words="Words", minutes=30
            )

    def fill(self) -> None:
        key = {"case": self.case, "subject_key_id": self.case.subject_key_id}
        self.contact = ContactPoint.objects.create(
            organization=self.case.organization, person=self.case.person, contact_kind="mobile",
            subject_key_id=self.case.subject_key_id, value="+54 351 555 0199", safety="safe",
        )  # fmt: skip
        self.party = Party.objects.create(**key, role="witness", name="Invented", details="Lives near.")
        self.incident = Incident.objects.create(**key, narrative="Words")
        self.substance = SubstanceUse.objects.create(**key, icd11_code="6C40")
        self.note = Note.objects.create(**key, text="Words")
        self.document = factories.document(self.case)
        Note.objects.create(**key, kind=Note.Kind.COUNSELLING, counselling_text="Words")
        RecordRequest.objects.create(
            asking=uuid4(), organization=self.world.shelter, case=self.case, created_by=factories.user()
        )
        self.tie = Tie.objects.create(**key, user=factories.user(), kind="other")
        assert self.world.accreditation
        self.consent = factories.consent(
            self.case, self.world.shelter, kinds=["identity", "contact", "incident", "risk"]
        )

    def of_case(self) -> dict[str, Any]:
        return {
            "pk": self.pk_of_case(),
            "tie_pk": self.tie.pk,
            "contact_pk": self.contact.pk,
            "party_pk": self.party.pk,
            "incident_pk": self.incident.pk,
            "substance_pk": self.substance.pk,
            "note_pk": self.note.pk,
            "document_pk": self.document.pk,
            "enrolment_pk": Enrolment.objects.get(case=self.case).pk,
            "assignment_pk": Assignment.objects.get(case=self.case).pk,
            "consent_pk": self.consent.pk,
            "offer_pk": self.world.offer.pk,
        }

    def pk_of_case(self) -> Any:
        """Some pages are about something that hangs on it."""
        if self.page == "cases:certificate":
            return self.erasure.pk
        return self.emergency.pk if self.page == "cases:emergency_review" else self.case.pk

    def of_referral(self) -> dict[str, Any]:
        if self.page == "referrals:service":
            return {"pk": self.world.offer.pk}
        if self.page in {"referrals:candidates", "referrals:draft"}:
            return self.of_case()
        referral, _new = referral_actions.draft_referral(
            self.case,
            offer=self.world.offer,
            consent=self.consent,
            request="A room",
            by=self.world.caseworker,
        )
        if self.page == "referrals:mine":
            return {"pk": referral.pk}
        referral_actions.send_referral(referral, by=self.world.caseworker)
        if self.page in {"referrals:complete", "referrals:not_complete", "referrals:open_case"}:
            referral.refresh_from_db()
            referral_actions.accept_referral(referral, by=self.world.provider)
        return {"pk": referral.pk}

    def of_certification(self) -> dict[str, Any]:
        if "certificate" in self.page:
            return {"pk": self.certificate().pk}
        if self.page == "certification:mine":
            self.certificate()
        draft = builders.personal_draft(self.world)
        if self.page in {"certification:mine", "certification:evidence", "certification:submit"}:
            return {"pk": draft.pk}
        if self.page == "certification:decide":
            return {"pk": builders.reviewed(draft, self.world).pk}
        sent = builders.actions.submit_application(draft, by=self.world.practitioner)
        if self.page == "certification:review":
            builders.actions.start_review(sent, by=self.world.examiner)
        return {"pk": sent.pk}

    def certificate(self) -> Any:
        held = builders.certificate(
            self.world.body, self.world.practitioner, builders.scheme(self.world.body)
        )
        if self.page == "certification:certificate_reinstate":
            builders.actions.suspend(held, by=self.world.officer, reason="complaint")
        return held


def address(world: factories.World, page: str) -> tuple[str, Any]:
    records = Records(world, page)
    app = page.partition(":")[0]
    of_app = {"cases": records.of_case, "referrals": records.of_referral}.get(app, records.of_certification)
    known = of_app()
    [pattern] = [one for name, one in patterns() if name == page]
    return reverse(page, kwargs={name: known[name] for name in pattern.pattern.converters}), records


@pytest.mark.parametrize("page", PAGES)
def test_a_look_leaves_its_lines(world, login, page):
    who, expected = PAGES[page]
    url, records = address(world, page)
    user = getattr(world, who)
    client = login(user)
    before = set(AccessEntry.objects.values_list("pk", flat=True))
    assert client.get(url).status_code == 200
    left = list(AccessEntry.objects.exclude(pk__in=before).exclude(action=Action.CHANGE))
    told = [(one.action, one.object_label, tuple(one.kinds)) for one in left]
    assert sorted(told) == sorted(expected)
    assert {one.by_id for one in left} == {user.pk}
    # The register is read by whoever is signed in, to whom the files behind it do not exist.
    assert all(one.subject_key_id for one in left) or page == "certification:register_certificates"
    if page.startswith("cases:") and page != "cases:caseload":
        assert {one.subject_key_id for one in left} == {records.case.subject_key_id}


def test_a_list_of_many_leaves_as_many_lines_in_one_statement(world, login, django_assert_max_num_queries):
    for _ in range(20):
        factories.case(world.team, world.caseworker)
    client = login(world.caseworker)
    client.get(reverse("cases:caseload"))
    before = AccessEntry.objects.count()
    with django_assert_max_num_queries(20) as asked:
        client.get(reverse("cases:caseload"))
    assert AccessEntry.objects.count() - before == 20
    words = [in_words(one["sql"])[0] for one in asked.captured_queries]
    written = [one for one in words if "victimcare_accessentry" in one]
    assert len(written) == 1
    assert "RETURNING" not in written[0]


@pytest.mark.parametrize(
    ("who", "lines"),
    [
        ("caseworker", [CASE, CASE, REFERRAL]),
        ("supervisor", [CASE, REFERRAL]),
        ("provider", []),
        ("officer", [APPLICATION]),
        ("practitioner", [CERTIFICATE]),
    ],
)
def test_panels_of_the_home_page_leave_lines_without_kinds(world, login, who, lines):
    """Numbers and states only. What somebody drafted is on the list of who may see the case."""
    if who == "officer":
        builders.actions.submit_application(builders.personal_draft(world), by=world.practitioner)
    elif who == "practitioner":
        builders.certificate(world.body, world.practitioner, builders.scheme(world.body))
    else:
        address(world, "referrals:mine")
        factories.case(world.team) if who == "supervisor" else None
    before = set(AccessEntry.objects.values_list("pk", flat=True))
    assert login(getattr(world, who)).get("/").status_code == 200
    left = AccessEntry.objects.exclude(pk__in=before)
    assert sorted(one.object_label for one in left) == sorted(lines)
    assert all((one.action, one.kinds) == ("list", []) and one.subject_key_id for one in left)


def test_a_search_leaves_a_line_for_each_that_it_found_or_hinted_at(world, login):
    assert world.case
    hidden = factories.case(world.other_team, world.caseworker2)
    case_actions.change_person(
        world.case, by=world.caseworker, revision=1, given_names="Zulema", identity_number="20123456"
    )
    case_actions.change_person(
        hidden, by=world.caseworker2, revision=1, given_names="Zulema", identity_number="20123456"
    )
    login(world.caseworker).post(reverse("cases:search"), {"identity_number": "20123456"})
    left = AccessEntry.objects.filter(action=Action.SEARCH)
    told = {one.subject_key_id: one.kinds for one in left}
    assert told == {world.case.subject_key_id: ["identity"], hidden.subject_key_id: []}


@pytest.mark.parametrize("page", [page for page in PAGES if page not in {"referrals:service"}])
def test_a_refusal_leaves_one_line_that_says_nothing(world, login, page):
    if page == "certification:register_certificates":
        return
    url, _records = address(world, page)
    client = login(factories.member(Role.ANALYST, world.agency_br))
    before = set(AccessEntry.objects.values_list("pk", flat=True))
    status = client.get(url).status_code
    [line] = AccessEntry.objects.exclude(pk__in=before)
    if page == "certification:certificate":
        assert (status, line.action, line.kinds) == (200, "read", [])  # the register is open to all
    else:
        assert status in {403, 404}
        assert (line.action, line.object_id, line.kinds, line.rows) == ("refused", None, [], 0)


def test_a_page_of_a_case_that_is_refused_is_logged_as_one_of_a_case(world, login, monkeypatch):
    """Who sees the case, and may not do this with it."""
    monkeypatch.setattr(CasePage, "permission", "cases.nobody")
    answer = login(world.caseworker).get(reverse("cases:case", args=[world.case.pk]))
    assert answer.status_code == 403
    assert AccessEntry.objects.get(action=Action.REFUSED).object_label == "cases.Case"


def test_who_is_not_independent_is_refused_with_a_line(world, login):
    reviewed = builders.reviewed(builders.personal_draft(world), world)
    world.examiner.memberships.create(organization=world.body, role=Role.OFFICER, created_by=world.admin)
    before = AccessEntry.objects.filter(action=Action.REFUSED).count()
    answer = login(world.examiner).get(reverse("certification:decide", args=[reviewed.pk]))
    assert answer.status_code == 403
    assert AccessEntry.objects.filter(action=Action.REFUSED).count() == before + 1
