"""Opening a case: everything or nothing, once, and nothing about the person in clear."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases import actions, search
from cases.access import CaseGrant
from cases.actions.intake import NoKindOfCase
from cases.clues import Clues
from cases.models import Assignment, Case, ContactPoint, Enrolment, Person, PersonTokens
from tests import factories
from tests.cases.helpers import field_value, intake_data
from tests.factories import World
from victimcare.models import AccessEntry, Membership, Role, SubjectKey, User
from victimcare.models.logs import Action

URL = "/cases/intake/"


def unsaved(team: Any, **values: Any) -> Case:
    return Case(**({"team": team, "opened_on": timezone.localdate()} | values))


def opened(world: World, by: User, **values: Any) -> Case:
    asked = {
        "person": Person(given_names="Inés"),
        "case": unsaved(world.team),
        "enrolments": ["victim"],
        "assign_to": by,
        "by": by,
    }
    case, new = actions.open_case(**(asked | values))
    assert new
    return case


# -- the action ----------------------------------------------------------------------------------------------


def test_opening_makes_all_that_belongs_to_a_case(world: World) -> None:
    contact = ContactPoint(contact_kind="mobile", value="11 2345 6789", safety="safe")
    case = opened(world, world.caseworker, enrolments=["victim", "drug_dependence"], contacts=[contact])
    assert {one.kind for one in case.enrolments.all()} == {"victim", "drug_dependence"}
    assert [one.user for one in case.assignments.all()] == [world.caseworker]
    assert list(case.person.contacts.all()) == [contact]
    assert case.status == Case.Status.INTAKE
    keys = {case.subject_key_id, case.person.subject_key_id, contact.subject_key_id}
    assert len(keys) == 1
    assert list(Case.objects.visible_to(world.caseworker)) == [case]


def test_grants_are_exactly_those_of_the_assignments(world: World) -> None:
    case = opened(world, world.caseworker)
    assert set(CaseGrant.objects.values_list("user", "content_object")) == {(world.caseworker.pk, case.pk)}


def test_a_supervisor_may_leave_a_case_to_nobody(world: World) -> None:
    case = opened(world, world.supervisor, assign_to=None)
    assert not Assignment.objects.exists()
    assert not CaseGrant.objects.exists()
    assert list(Case.objects.visible_to(world.supervisor)) == [case]
    assert not Case.objects.visible_to(world.caseworker).exists()


def test_a_caseworker_opens_for_nobody_else(world: World) -> None:
    for other in (None, world.supervisor):
        with pytest.raises(PermissionDenied):
            opened(world, world.caseworker, assign_to=other)


@pytest.fixture
def both(world: World) -> User:
    """Supervisor of South, caseworker in North."""
    made = factories.member(Role.SUPERVISOR, world.agency, world.other_team, "both")
    Membership.objects.create(user=made, organization=world.agency, team=world.team, role=Role.CASEWORKER)
    return made


def test_who_supervises_elsewhere_opens_a_case_for_themselves_only(world: World, both: User) -> None:
    for other in (None, world.caseworker):
        with pytest.raises(PermissionDenied):
            opened(world, both, assign_to=other)
    assert opened(world, both).team == world.team
    south = opened(world, both, case=unsaved(world.other_team), assign_to=None)
    assert south.team == world.other_team


def test_the_form_says_where_a_case_can_be_left_to_others(world: World, login: Any, both: User) -> None:
    client, own = login(both), str(both.pk)
    page = client.post(URL, intake_data(world.team, worker="")).content.decode()
    assert "In this team you may take the case yourself, but not give it to others." in page
    assert client.post(URL, intake_data(world.team, worker=own)).status_code == 302
    assert client.post(URL, intake_data(world.other_team, worker="")).status_code == 302


def test_a_case_is_opened_in_a_team_of_ones_own(world: World) -> None:
    for team in (world.other_team, world.shelter_team):
        with pytest.raises(PermissionDenied):
            opened(world, world.caseworker, case=unsaved(team))


@pytest.mark.parametrize("role", ["provider", "officer", "admin", "practitioner"])
def test_other_roles_open_no_case(world: World, role: str) -> None:
    with pytest.raises(PermissionDenied):
        opened(world, getattr(world, role))


def test_another_permission_opens_the_door_of_its_own_organisation_only(world: World) -> None:
    worker = world.caseworker_shelter
    inside = {"case": unsaved(world.shelter_team), "assign_to": worker, "permission": "referrals.answer"}
    assert opened(world, world.provider, **inside).organization == world.shelter
    with pytest.raises(PermissionDenied):
        opened(world, world.provider2, **inside)


def test_nobody_of_another_team_is_given_the_case(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        opened(world, world.supervisor, assign_to=world.caseworker2)
    assert "worker" in refused.value.error_dict
    assert not Case.objects.exists()


def test_a_case_has_a_kind(world: World) -> None:
    with pytest.raises(NoKindOfCase):
        opened(world, world.caseworker, enrolments=[])


def test_a_wrong_contact_leaves_nothing_behind(world: World) -> None:
    wrong = ContactPoint(contact_kind="smoke signals", value="x", safety="safe")
    with pytest.raises(ValidationError):
        opened(world, world.caseworker, contacts=[wrong])
    assert not Person.objects.exists()
    assert not SubjectKey.objects.exists()


def test_sent_twice_it_is_one_case(world: World) -> None:
    case = opened(world, world.caseworker)
    again, new = actions.open_case(
        person=Person(given_names="Inés"),
        case=unsaved(world.team, id=case.pk),
        enrolments=["victim"],
        assign_to=world.caseworker,
        by=world.caseworker,
    )
    assert (again, new) == (case, False)
    assert (Person.objects.count(), Enrolment.objects.count()) == (1, 1)


def test_somebody_elses_form_opens_nothing(world: World) -> None:
    case = opened(world, world.caseworker)
    with pytest.raises(ValidationError, match="already used"):
        opened(world, world.supervisor, case=unsaved(world.team, id=case.pk))


def test_search_finds_the_person_afterwards(world: World) -> None:
    contact = ContactPoint(contact_kind="email", value="ines@example.org", safety="safe")
    case = opened(world, world.caseworker, contacts=[contact])
    found = search.find(Clues(reached_at=("INES@example.org",)), by=world.caseworker)
    assert [match.case for match in found.matches] == [case]


# -- the page ------------------------------------------------------------------------------------------------


@pytest.fixture
def client(world: World, login: Any) -> Client:
    signed_in: Client = login(world.caseworker)
    return signed_in


def test_a_filled_form_opens_a_case(world: World, client: Client) -> None:
    response = client.post(URL, intake_data(world.team))
    case = Case.objects.get()
    assert response.headers["Location"] == reverse("cases:case", args=[case.pk])
    person = case.person
    assert (person.display_name, person.surnames) == ("Lucecita", "de la Peña Ávila")
    assert (person.birth.text, person.age, person.gender) == ("1990-02", None, "woman")
    assert (case.urgency, case.opened_on.isoformat()) == ("soon", "2026-01-15")
    contact = person.contacts.get()
    assert (contact.value, contact.safety, contact.rules) == ("11 2345 6789", "with_care", "After 16:00")


def test_a_double_click_opens_one_case(world: World, client: Client) -> None:
    data = intake_data(world.team)
    first, second = client.post(URL, data), client.post(URL, data, follow=True)
    assert second.redirect_chain[0][0] == first.headers["Location"]
    assert "This case was opened already." in second.content.decode()
    assert Case.objects.count() == Person.objects.count() == ContactPoint.objects.count() == 1


def test_a_person_of_whom_nothing_is_known(world: World, client: Client) -> None:
    nothing = dict.fromkeys(
        ("known_as", "given_names", "surnames", "birth", "language", "identity_document", "identity_number"),
        "",
    )
    contact = {f"contacts-0-{name}": "" for name in ("contact_kind", "value", "safety", "rules")}
    response = client.post(URL, intake_data(world.team, gender="unknown", **nothing, **contact), follow=True)
    assert "Name not known" in response.content.decode()
    assert not PersonTokens.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("34", {"from": 34, "to": 34}), ("30-35", {"from": 30, "to": 35}), ("30 – 35", {"from": 30, "to": 35})],
)
def test_an_age_in_place_of_a_birth_date(
    world: World, client: Client, typed: str, kept: dict[str, int]
) -> None:
    client.post(URL, intake_data(world.team, birth="", age=typed))
    assert Person.objects.get().age == kept | {"on": timezone.localdate().isoformat()}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"age": "34"}, "not both"),
        ({"birth": "", "age": "thirty"}, "Write an age in years"),
        ({"birth": "", "age": "35-30"}, "Write an age in years"),
        ({"birth": "12/3/90"}, "Write the date as year"),
        ({"enrolments": []}, "Choose at least one kind of case."),
        ({"identity_document": ""}, "Say which document"),
        ({"identity_number": "20.123.4"}, "a digit is wrong or missing"),
        ({"contacts-0-safety": ""}, "Choose one of these."),
        ({"contacts-0-rules": ""}, "Write what was agreed"),
        ({"contacts-1-value": "ines@example.org"}, "Choose one of these."),
        ({"opened_on": (timezone.localdate() + timedelta(days=2)).isoformat()}, "a day to come"),
        ({"record_id": "forged"}, "This form is too old"),
        ({"team": "00000000-0000-4000-8000-000000000000"}, "Select a valid choice"),
    ],
)
def test_a_mistake_is_said_and_nothing_typed_is_lost(
    world: World, client: Client, changed: dict[str, Any], sentence: str
) -> None:
    response = client.post(URL, intake_data(world.team, **changed))
    page = response.content.decode()
    assert sentence in page
    assert 'value="de la Peña Ávila"' in page
    assert 'value="11 2345 6789"' in page
    assert not Case.objects.exists()


def test_a_number_that_fails_its_check_is_kept_as_another_document(world: World, client: Client) -> None:
    client.post(URL, intake_data(world.team, identity_number="20.123.4", identity_document="other"))
    assert Person.objects.get().identity_number == "20.123.4"


def test_a_supervisor_chooses_the_worker(world: World, login: Any) -> None:
    data = intake_data(world.team, worker=str(world.caseworker.pk))
    login(world.supervisor).post(URL, data)
    assert [one.user for one in Assignment.objects.all()] == [world.caseworker]


def test_a_worker_chosen_by_a_caseworker_is_not_heard(world: World, client: Client) -> None:
    client.post(URL, intake_data(world.team, worker=str(world.supervisor.pk)))
    assert [one.user for one in Assignment.objects.all()] == [world.caseworker]


@pytest.mark.parametrize("role", ["provider", "officer", "practitioner", "coordinator", "admin"])
def test_other_roles_have_no_intake(world: World, login: Any, role: str) -> None:
    signed_in = login(getattr(world, role))
    assert signed_in.get(URL).status_code == 403
    assert signed_in.post(URL, intake_data(world.team)).status_code == 403


def test_the_tables_hold_no_word_of_it(world: World, client: Client, as_owner: Any) -> None:
    """Byte for byte, as somebody with a dump would look: records, history, logs, tokens."""
    client.post(URL, intake_data(world.team))
    client.get(reverse("cases:case", args=[Case.objects.get().pk]))
    with as_owner():
        dump = _everything_stored()
    for word in (
        "Lucecita",
        "Inés",
        "Peña",
        "11 2345 6789",
        "1123456789",
        "20.123.456",
        "20123456",
        "1990-02",
        "After 16",
    ):
        for form in (word.encode(), word.encode().hex().encode()):
            assert form not in dump, word
    assert AccessEntry.objects.filter(action=Action.CREATE, object_label="cases.Person").count() == 1


def _everything_stored() -> bytes:
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("cases_", "victimcare_accessentry", "victimcare_step")):
                cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")
                parts += [row[0].encode() for row in cursor.fetchall()]
    assert len(parts) > 10
    return b"\n".join(parts)


def test_a_contact_that_the_search_filled_in_may_be_left_out(world: World, login: Any) -> None:
    client = login(world.caseworker)
    page = client.post(URL, {"from_search": "1", "reached_at": "11 2345 6789"})
    begun = {"contacts-INITIAL_FORMS": field_value(page, "contacts-INITIAL_FORMS")}
    emptied = {f"contacts-0-{name}": "" for name in ("value", "safety", "rules")}
    answer = client.post(URL, intake_data(world.team) | begun | emptied)
    assert answer.status_code == 302
    assert not ContactPoint.objects.exists()


def test_a_broken_page_is_told_in_plain_words(world: World, login: Any) -> None:
    sent = {name: value for name, value in intake_data(world.team).items() if "FORMS" not in name}
    page = login(world.caseworker).post(URL, sent).content.decode()
    assert "Part of this page was lost on the way" in page
    assert "bug report" not in page


def test_who_is_in_no_team_is_told_whom_to_ask(world: World, login: Any) -> None:
    alone = factories.member(Role.CASEWORKER, world.agency, None, "alone")
    page = login(alone).get(URL).content.decode()
    assert "You are not in a team yet" in page
    assert "Open the case" not in page


def test_who_works_in_two_states_is_offered_the_documents_of_both(world: World, login: Any) -> None:
    Membership.objects.create(
        user=world.caseworker, organization=world.agency_br, team=world.team_br, role=Role.CASEWORKER
    )
    fields = login(world.caseworker).get(URL).context["form"].fields
    documents = {code for code, _label in fields["identity_document"].choices}
    regions = {code[:2] for code, _label in fields["region"].choices}
    assert {"AR-DNI", "BR-CPF", "passport"} <= documents
    assert (regions, "CL-RUN" in documents) == ({"", "AR", "BR"}, False)


def test_nobody_is_born_on_a_day_to_come(world: World, login: Any) -> None:
    page = login(world.caseworker).post(URL, intake_data(world.team, birth="2999")).content.decode()
    assert "This day is still to come." in page
    assert not Case.objects.exists()
