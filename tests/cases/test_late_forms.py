"""Two people with the same form open, and one who sends twice: nobody's words are lost or undone unseen."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from cases import actions
from cases.models import Case, ContactPoint, Incident, Note, Party, SubstanceUse
from tests import factories
from tests.cases.helpers import as_sent, intake_data
from tests.factories import World
from victimcare import records
from victimcare.forms import new_record_id


@pytest.fixture
def contact(world: World) -> ContactPoint:
    made = ContactPoint(contact_kind="mobile", value="111", safety="safe")
    return actions.add_contact(world.case, made, by=world.caseworker)[0]


def edit(case: Case, name: str, child: Any = None) -> str:
    return reverse(f"cases:{name}_edit", args=[case.pk, child.pk] if child else [case.pk])


def opened(client: Any, path: str) -> Any:
    return client.get(path).context["form"]


def test_a_warning_survives_whoever_had_the_older_form(world, login, contact):
    path = edit(world.case, "contact", contact)
    first, second = login(world.caseworker), login(world.supervisor)
    old = opened(second, path)
    first.post(path, as_sent(opened(first, path), safety="unsafe", rules="He reads it"))
    page = second.post(path, as_sent(old, value="112"))
    text = page.content.decode()
    assert "Somebody changed this while you were writing" in text
    assert "Now stored: 111" in text
    assert "It is shown as it is stored now" in text
    assert second.post(path, as_sent(page.context["form"])).status_code == 302
    contact = ContactPoint.objects.get(pk=contact.pk)
    assert (contact.value, contact.safety, contact.rules) == ("112", "unsafe", "He reads it")


def test_what_both_changed_is_told_in_words(world, login, contact):
    path = edit(world.case, "contact", contact)
    first, second = login(world.caseworker), login(world.supervisor)
    old = opened(second, path)
    first.post(path, as_sent(opened(first, path), safety="unsafe"))
    page = second.post(path, as_sent(old, safety="with_care", rules="After six", may_leave_message="on"))
    form = page.context["form"]
    assert form.errors["safety"] == ["Now stored: Never use"]
    assert form.errors["may_leave_message"] == ["Now stored: no"]
    assert form.errors["rules"] == ["Now stored: nothing"]
    assert (form["safety"].value(), form["rules"].value()) == ("with_care", "After six")
    assert ContactPoint.objects.get(pk=contact.pk).safety == "unsafe"


def test_an_age_that_was_not_touched_takes_the_newer_one(world, login):
    case = world.case
    actions.change_person(case, by=world.caseworker, revision=1, age={"from": 30, "to": 30, "on": "2020"})
    path = edit(case, "person")
    old = opened(login(world.supervisor), path)
    actions.change_person(case, by=world.caseworker, revision=2, age={"from": 40, "to": 42, "on": "2021"})
    form = login(world.supervisor).post(path, as_sent(old, surnames="Huanca")).context["form"]
    assert (form["age"].value(), form["surnames"].value()) == ("40-42", "Huanca")
    assert "surnames" in form.errors


def children(world: World) -> dict[str, Any]:
    case, by = world.case, world.caseworker
    return {
        "party": actions.add_party(case, Party(role="witness", name="Rosa"), by=by)[0],
        "incident": actions.add_incident(case, Incident(place="A park"), by=by)[0],
        "substance": actions.add_substance(case, SubstanceUse(icd11_code="6C40"), by=by)[0],
    }


@pytest.mark.parametrize(
    ("name", "theirs", "mine", "kept"),
    [
        ("party", {"details": "Has a weapon"}, {"name": "Rosa Huanca"}, "Now stored: Rosa"),
        ("incident", {"violence_types": ["physical"]}, {"place": "A square"}, "Now stored: A park"),
        ("substance", {"frequency": "daily"}, {"rank": 2}, "Now stored: 1"),
    ],
)
def test_every_form_of_changes_keeps_what_both_wrote(world, login, name, theirs, mine, kept):
    child = children(world)[name]
    path = edit(world.case, name, child)
    first, second = login(world.caseworker), login(world.supervisor)
    old = opened(second, path)
    first.post(path, as_sent(opened(first, path), **theirs))
    page = second.post(path, as_sent(old, **mine))
    assert kept in page.content.decode()
    assert second.post(path, as_sent(page.context["form"])).status_code == 302
    stored = type(child).objects.get(pk=child.pk)
    assert {field: getattr(stored, field) for field in theirs | mine} == theirs | mine


def test_a_change_sent_twice_is_made_once(world, login):
    path = edit(world.case, "person")
    client = login(world.caseworker)
    data = as_sent(opened(client, path), surnames="Huanca")
    assert [client.post(path, data).status_code for _ in range(2)] == [302, 302]
    assert world.case.person.history.count() == 2


def test_a_version_that_nobody_saw_counts_every_word_as_the_users(world, contact):
    with pytest.raises(records.Stale) as refused:
        actions.change_contact(contact, by=world.caseworker, revision=99, value="112")
    assert refused.value.seen is None


# -- Something new, sent again with other words --------------------------------------------------------------


def test_a_note_sent_again_with_other_words_is_not_called_saved(world, login):
    client = login(world.caseworker)
    path = reverse("cases:note_add", args=[world.case.pk])
    data = {"record_id": new_record_id(), "kind": "work", "text": "First"}
    assert [client.post(path, data).status_code for _ in range(2)] == [302, 302]
    page = client.post(path, data | {"text": "Second, longer"}).content.decode()
    assert "What you changed since was not" in page
    assert "Second, longer" in page
    assert Note.objects.get(case=world.case).text == "First"


def test_a_forms_id_belongs_to_its_case(world, login):
    other = factories.case(world.team, world.caseworker)
    client = login(world.caseworker)
    data = {"record_id": new_record_id(), "kind": "work", "text": "The same words"}
    paths = [reverse("cases:note_add", args=[case.pk]) for case in (world.case, other)]
    assert [client.post(path, data).status_code for path in paths] == [302, 200]
    assert Note.objects.get().case == world.case


def test_a_contact_sent_again_after_it_was_corrected_is_still_the_one_that_was_sent(world, login):
    client = login(world.caseworker)
    path = reverse("cases:contact_add", args=[world.case.pk])
    data = {"record_id": new_record_id(), "contact_kind": "mobile", "value": "1", "safety": "safe"}
    client.post(path, data)
    made = ContactPoint.objects.get()
    actions.change_contact(made, by=world.caseworker, revision=1, safety="unsafe")
    assert client.post(path, data).status_code == 302
    assert client.post(path, data | {"safety": "unsafe"}).status_code == 200
    assert ContactPoint.objects.get().safety == "unsafe"


@pytest.mark.parametrize(
    "changed", [{"urgency": "routine"}, {"surnames": "Huanca"}, {"contacts-0-safety": "unsafe"}]
)
def test_an_intake_sent_again_with_other_words_is_not_called_opened(world, login, changed):
    client = login(world.caseworker)
    data = intake_data(world.team)
    assert [client.post("/cases/intake/", data).status_code for _ in range(2)] == [302, 302]
    page = client.post("/cases/intake/", data | changed).content.decode()
    assert "What you changed since was not" in page
    assert Case.objects.count() == 1


def test_another_kind_of_case_in_a_second_sending_is_refused(world):
    def sent(kinds: list[str]) -> dict[str, Any]:
        person = factories.Person(organization=world.agency, known_as="Luz")
        return {"person": person, "enrolments": kinds}

    case = Case(team=world.team, opened_on="2026-01-15")
    shared = {"assign_to": world.caseworker, "by": world.caseworker}
    actions.open_case(case=case, **sent(["victim"]), **shared)
    again = Case(pk=case.pk, team=world.team, opened_on="2026-01-15")
    with pytest.raises(ValidationError):
        actions.open_case(case=again, **sent(["victim", "reintegration"]), **shared)
