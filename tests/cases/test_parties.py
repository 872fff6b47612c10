"""Others in a case. Everything on these pages is a child of a case: found through it, or not at all."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases import actions
from cases.actions.children import CaseClosed
from cases.models import Case, Enrolment, Incident, Note, Party, SubstanceUse
from tests import factories
from victimcare import records
from victimcare.forms import new_record_id
from victimcare.models import AccessEntry, Role

PARTY = {"role": "child", "relationship": "", "name": "Inti", "gender": "", "birth": "2019", "details": ""}


@pytest.fixture
def party(world):
    return actions.add_party(world.case, Party(role="witness", name="Rosa Invented"), by=world.caseworker)[0]


def test_party_added_through_the_page_is_shown_with_the_case(world, login):
    client = login(world.caseworker)
    address = reverse("cases:party_add", args=[world.case.pk])
    answer = client.post(address, PARTY | {"record_id": new_record_id()}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("cases:case", args=[world.case.pk])
    made = Party.objects.get(case=world.case)
    assert (made.name, made.birth.text, made.created_by) == ("Inti", "2019", world.caseworker)
    assert "Inti" in answer.content.decode()


def test_party_form_sent_twice_makes_one(world, login):
    client = login(world.caseworker)
    data = PARTY | {"record_id": new_record_id()}
    address = reverse("cases:party_add", args=[world.case.pk])
    client.post(address, data)
    second = client.post(address, data, follow=True)
    assert Party.objects.filter(case=world.case).count() == 1
    assert "saved already" in second.content.decode()


def test_nothing_typed_is_lost_on_an_error(world, login):
    client = login(world.caseworker)
    data = PARTY | {"record_id": new_record_id(), "birth": "yesterday", "details": "Knows the address"}
    answer = client.post(reverse("cases:party_add", args=[world.case.pk]), data)
    page = answer.content.decode()
    assert "yesterday" in page
    assert "Knows the address" in page
    assert data["record_id"] in page
    assert not Party.objects.filter(case=world.case).exists()


def test_party_changed_by_another_meanwhile_is_not_overwritten_unknowingly(world, login, party):
    client = login(world.caseworker)
    address = reverse("cases:party_edit", args=[world.case.pk, party.pk])
    records.change(party, by=world.supervisor, details="Has moved")
    data = PARTY | {"role": "witness", "name": "Rosa Corrected", "revision": 1}
    refused = client.post(address, data)
    assert "Somebody changed this" in refused.content.decode()
    assert "Rosa Corrected" in refused.content.decode()
    again = client.post(address, data | {"revision": refused.context["form"]["revision"].value()})
    assert again.status_code == 302
    party.refresh_from_db()
    assert party.name == "Rosa Corrected"


def test_reading_a_party_is_logged_with_its_kinds(world, login, party):
    login(world.caseworker).get(reverse("cases:party_edit", args=[world.case.pk, party.pk]))
    entry = AccessEntry.objects.get(object_id=party.pk, action="read")
    assert entry.by == world.caseworker
    assert {"identity", "risk"} <= set(entry.kinds)


def test_closed_case_takes_nothing_more(world, login):
    closed = factories.case(world.team, world.caseworker)
    actions.ask_closure(closed, by=world.caseworker, reason="goals_reached")
    actions.approve_closure(closed, by=world.supervisor)
    with pytest.raises(CaseClosed):
        actions.add_party(closed, Party(role="child"), by=world.caseworker)
    address = reverse("cases:party_add", args=[closed.pk])
    answer = login(world.caseworker).post(address, PARTY | {"record_id": new_record_id()})
    assert "Reopen it first" in answer.content.decode()


def test_somebody_without_the_role_adds_nothing(world):
    with pytest.raises(PermissionDenied):
        actions.add_party(world.case, Party(role="child"), by=world.provider)


@pytest.fixture
def children(world, party):
    """One of each, with its address."""
    by, case = world.caseworker, world.case
    incident = actions.add_incident(case, Incident(iccs_code="0101"), by=by)[0]
    use = actions.add_substance(case, SubstanceUse(icd11_code="6C40"), by=by)[0]
    note = actions.add_note(case, Note(kind="work"), "Called", by=by)[0]
    consent = factories.consent(case, world.shelter)
    enrolment = Enrolment.objects.get(case=case)
    return {
        "party_edit": party,
        "incident_edit": incident,
        "substance_edit": use,
        "note_correct": note,
        "consent_withdraw": consent,
        "enrolment_end": enrolment,
    }


ADDING = ["party_add", "incident_add", "substance_add", "note_add", "notes", "consent_add", "enrol"]
STEPS = ["closure_ask", "closure_approve", "closure_refuse"]
STRANGERS = [
    "caseworker2", "provider", "provider2", "officer", "examiner", "practitioner", "coordinator", "analyst",
    "auditor", "admin", "caseworker_br",
]  # fmt: skip


def stranger(world, name):
    missing = {"analyst": Role.ANALYST, "auditor": Role.AUDITOR}
    return factories.member(missing[name], world.agency) if name in missing else getattr(world, name)


@pytest.mark.parametrize("name", STRANGERS)
def test_children_of_a_foreign_case_are_unknown_by_address(world, login, children, name):
    client = login(stranger(world, name))
    for url_name in [*ADDING, *STEPS]:
        assert client.get(reverse(f"cases:{url_name}", args=[world.case.pk])).status_code == 404
    for url_name in ["open", "hold", "resume", "reopen", "closure_approve"]:
        assert client.post(reverse(f"cases:{url_name}", args=[world.case.pk])).status_code == 404
    for url_name, child in children.items():
        address = reverse(f"cases:{url_name}", args=[world.case.pk, child.pk])
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    assert Case.objects.get(pk=world.case.pk).status == Case.Status.OPEN


def test_child_is_found_through_its_own_case_only(world, login, children):
    other = factories.case(world.team, world.caseworker)
    client = login(world.caseworker)
    for url_name, child in children.items():
        assert client.get(reverse(f"cases:{url_name}", args=[other.pk, child.pk])).status_code == 404
        assert client.get(reverse(f"cases:{url_name}", args=[world.case.pk, child.pk])).status_code == 200


def test_every_page_opens_for_the_caseworker(world, login):
    client = login(world.caseworker)
    for url_name in [*ADDING, "closure_ask"]:
        assert client.get(reverse(f"cases:{url_name}", args=[world.case.pk])).status_code == 200


def test_case_page_shows_every_child_with_few_queries(world, login, children, django_assert_max_num_queries):
    client = login(world.caseworker)
    address = reverse("cases:case", args=[world.case.pk])
    client.get(address)
    with django_assert_max_num_queries(21):
        page = client.get(address).content.decode()
    for text in ("Rosa Invented", "Intentional homicide", "alcohol", "Called", "Shelter"):
        assert text in page
