"""The case page and what is changed from it: who sees it, what is logged, nobody's words are lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases import actions, search, timeline
from cases.clues import Clues
from cases.models import Case, ContactPoint, Note
from cases.models.details import NoteQuerySet
from tests import factories
from tests.cases.helpers import field_value
from tests.factories import World
from victimcare import acting, codelists, workflow
from victimcare.forms import new_record_id
from victimcare.models import AccessEntry
from victimcare.models.logs import Action
from victimcare.records import Stale


def address(name: str, case: Case, **more: Any) -> str:
    return reverse(f"cases:{name}", kwargs={"pk": case.pk, **more})


def contact(case: Case, **values: Any) -> ContactPoint:
    told = {"contact_kind": "mobile", "value": "11 2345 6789", "safety": "safe"}
    return actions.add_contact(case, ContactPoint(**(told | values)), by=case.assignments.get().user)[0]


@pytest.fixture
def client(world: World, login: Any) -> Client:
    signed_in: Client = login(world.caseworker)
    return signed_in


# -- the page ------------------------------------------------------------------------------------------------


def test_the_page_shows_the_person_and_the_work(world: World, client: Client) -> None:
    page = client.get(address("case", world.case)).content.decode()
    for words in (
        world.case.number,
        "Ximena Quispe Invented",
        "Victim of crime or violence",
        "User caseworker",
    ):
        assert words in page
    assert "<title>" in page
    assert "Ximena" not in page.split("<title>")[1].split("</title>")[0]


def test_a_contact_is_never_shown_without_what_is_safe(world: World, client: Client) -> None:
    contact(world.case, safety="unsafe", value="11 9999 0000")
    contact(world.case, safety="with_care", rules="Only before 16:00", value="11 1111 0000")
    page = client.get(address("case", world.case)).content.decode()
    careful, _, never = page.partition("11 9999 0000")
    assert "11 1111 0000" in careful
    assert "Only before 16:00" in careful
    assert "never use" in never


def test_reading_is_logged_with_what_was_shown(world: World, client: Client) -> None:
    contact(world.case)
    client.get(address("case", world.case))
    entry = AccessEntry.objects.get(action=Action.READ, object_id=world.case.pk)
    assert entry.by == world.caseworker
    assert entry.kinds == ["contact", "identity"]


PAGES = ("case", "person_edit", "contact_add", "assign")


@pytest.mark.parametrize(
    "role",
    [
        "caseworker2",
        "provider",
        "provider2",
        "officer",
        "practitioner",
        "admin",
        "caseworker_br",
        "coordinator",
    ],
)
@pytest.mark.parametrize("page", PAGES)
def test_to_everybody_else_the_case_does_not_exist(world: World, login: Any, role: str, page: str) -> None:
    assert login(getattr(world, role)).get(address(page, world.case)).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_the_supervisor_of_the_team_reaches_every_page(world: World, login: Any, page: str) -> None:
    assert login(world.supervisor).get(address(page, world.case)).status_code == 200


def test_a_caseworker_sees_the_case_but_assigns_nobody(world: World, client: Client) -> None:
    assert client.get(address("assign", world.case)).status_code == 403
    assert client.post(address("assign", world.case), {"worker": str(world.caseworker.pk)}).status_code == 403


def test_a_contact_of_another_case_is_not_reached_through_ones_own(world: World, client: Client) -> None:
    other = factories.case(world.other_team, world.caseworker2)
    theirs = contact(other)
    mine_too = contact(factories.case(world.team, world.caseworker))
    for foreign in (theirs, mine_too):
        assert client.get(address("contact_edit", world.case, contact_pk=foreign.pk)).status_code == 404
        assert client.post(address("contact_retire", world.case, contact_pk=foreign.pk)).status_code == 404


def test_the_story_tells_steps_and_assignments_newest_first(world: World) -> None:
    actions.assign(world.case, world.supervisor, by=world.supervisor)
    workflow.advance(world.case, "hold", by=world.caseworker)
    told = [str(entry.text) for entry in timeline.entries_for(world.case, world.caseworker)]
    assert told[0] == "Put on hold"
    assert set(told[1:]) == {
        "User supervisor works on it",
        "User caseworker works on it",
        "User caseworker may read and write counselling notes",
        "Case recorded",
    }


def test_every_step_of_a_case_has_its_words() -> None:
    told_apart = {"move", "urgency", "ask_erasure", "refuse_erasure", "legal_hold", "lift_legal_hold"}
    # With the erasure itself the case is gone, and its story with it.
    assert timeline.STEPS.keys() == {*Case.TRANSITIONS, *told_apart} - {"erase"}


def test_buttons_are_the_steps_that_may_be_taken(world: World, client: Client, login: Any) -> None:
    def offered(page: Any) -> set[str]:
        return {verb.name for verb in page.context["verbs"]}

    page = address("case", world.case)
    assert offered(client.get(page)) == {"hold", "ask_closure"}
    asked = {"status": "closing", "closure_asked_at": timezone.now(), "closure_asked_by": world.supervisor}
    by_supervisor = factories.case(world.team, world.caseworker, **asked)
    page = address("case", by_supervisor)
    assert offered(client.get(page)) == set()
    assert offered(login(world.supervisor).get(page)) == set()
    assert "You asked to close this case" in login(world.supervisor).get(page).content.decode()


def test_the_page_costs_the_same_whatever_it_holds(
    world: World, client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(15):
        contact(world.case)
    with django_assert_max_num_queries(22):
        client.get(address("case", world.case))


# -- the person ----------------------------------------------------------------------------------------------


def person_data(case: Case, **values: Any) -> dict[str, Any]:
    data = {
        "given_names": "Ximena",
        "surnames": "Quispe Mamani",
        "birth": "1990",
        "gender": "woman",
        "revision": "1",
    }
    return data | values


def test_a_corrected_person_is_found_by_the_new_words(world: World, client: Client) -> None:
    response = client.post(address("person_edit", world.case), person_data(world.case))
    assert response.headers["Location"] == address("case", world.case)
    found = search.find(Clues("Mamani", "Ximena", frozenset({1990})), by=world.caseworker)
    assert [match.case for match in found.matches] == [world.case]
    assert [row.surnames for row in world.case.person.history.order_by("history_date")][-1] == "Quispe Mamani"


def test_who_was_slower_keeps_the_text_and_may_save_again(world: World, client: Client) -> None:
    page = address("person_edit", world.case)
    client.post(page, person_data(world.case, surnames="First"))
    response = client.post(page, person_data(world.case, surnames="Second"))
    assert "Somebody changed this while you were writing" in response.content.decode()
    assert field_value(response, "surnames") == "Second"
    assert field_value(response, "revision") == "2"
    client.post(page, person_data(world.case, surnames="Second", revision="2"))
    world.case.person.refresh_from_db()
    assert world.case.person.surnames == "Second"


def test_a_stale_revision_is_refused_by_the_action(world: World) -> None:
    actions.change_person(world.case, by=world.caseworker, revision=1, surnames="First")
    with pytest.raises(Stale):
        actions.change_person(world.case, by=world.caseworker, revision=1, surnames="Second")


def test_an_age_that_was_not_touched_keeps_its_day(world: World, client: Client) -> None:
    age = {"from": 21, "to": 24, "on": "2017"}
    made = factories.case(world.team, world.caseworker, person=factories.person(world.agency, age=age))
    assert field_value(client.get(address("person_edit", made)), "age") == "21-24"
    client.post(address("person_edit", made), person_data(made, birth="", age="21-24"))
    made.person.refresh_from_db()
    assert (made.person.age, made.person.revision) == (age, 2)


# -- contacts ------------------------------------------------------------------------------------------------


def contact_data(**values: Any) -> dict[str, Any]:
    told = {"contact_kind": "email", "value": "ximena@example.org", "safety": "safe", "rules": ""}
    return told | {"record_id": new_record_id()} | values


def found_by(value: str, world: World) -> bool:
    return bool(search.find(Clues(reached_at=(value,)), by=world.caseworker).matches)


def test_a_contact_sent_twice_is_added_once(world: World, client: Client) -> None:
    data = contact_data()
    for _ in range(2):
        assert client.post(address("contact_add", world.case), data).status_code == 302
    assert ContactPoint.objects.count() == 1
    assert found_by("ximena@example.org", world)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"safety": ""}, "Choose one of these."),
        ({"safety": "with_care"}, "Write what was agreed"),
        ({"safety": "unsafe", "may_leave_message": "on"}, "No message may be left"),
        ({"record_id": ""}, "This form is too old"),
    ],
)
def test_a_contact_without_its_safety_is_not_kept(
    world: World, client: Client, changed: dict[str, str], sentence: str
) -> None:
    response = client.post(address("contact_add", world.case), contact_data(**changed))
    assert sentence in response.content.decode()
    assert field_value(response, "value") == "ximena@example.org"
    assert not ContactPoint.objects.exists()


def test_a_changed_contact_is_found_by_the_new_number_only(world: World, client: Client) -> None:
    kept = contact(world.case)
    page = address("contact_edit", world.case, contact_pk=kept.pk)
    assert client.get(page).status_code == 200
    client.post(page, contact_data(value="new@example.org", revision="1"))
    assert (found_by("new@example.org", world), found_by("11 2345 6789", world)) == (True, False)
    response = client.post(page, contact_data(value="late@example.org", revision="1"))
    assert "Somebody changed this" in response.content.decode()
    assert field_value(response, "revision") == "2"


def test_a_retired_contact_is_neither_shown_nor_found(world: World, client: Client) -> None:
    kept = contact(world.case)
    client.post(address("contact_retire", world.case, contact_pk=kept.pk))
    assert "11 2345 6789" not in client.get(address("case", world.case)).content.decode()
    assert not found_by("11 2345 6789", world)
    kept.refresh_from_db()
    assert kept.retired_by == world.caseworker


# -- What else is known of the person ------------------------------------------------------------------------


def test_all_that_is_shared_is_shown(world: World, client: Client) -> None:
    background = {"education": "secondary", "labour-status": "unemployed"}
    served = factories.person(world.agency, country_of_birth="UY", background=background)
    case = factories.case(world.team, world.caseworker, person=served)
    page = client.get(address("case", case)).content.decode()
    for list_id, code in {"country": "UY", **background}.items():
        assert str(codelists.get(list_id).label(code)) in page
    form = client.get(address("person_edit", case)).content.decode()
    assert "These answers came with a file." in form
    assert str(codelists.get("education").title()) in form


def test_a_warning_can_be_recorded_in_a_closed_case(world: World, client: Client) -> None:
    now = timezone.now()
    closed = factories.case(
        world.team,
        world.caseworker,
        status="closed",
        closure_asked_at=now,
        closure_asked_by=world.caseworker,
        closed_at=now,
        closed_by=world.supervisor,
    )
    kept = contact(closed)
    data = contact_data(safety="unsafe", revision="1")
    assert client.post(address("contact_edit", closed, contact_pk=kept.pk), data).status_code == 302
    kept.refresh_from_db()
    assert kept.safety == "unsafe"


def test_timeline_tells_that_a_safety_rule_was_changed(world: World, client: Client) -> None:
    way = contact(world.case)
    values = {"safety": ContactPoint.Safety.UNSAFE, "rules": "He reads her messages"}
    with acting.as_user(world.caseworker):
        actions.change_contact(way, by=world.caseworker, revision=way.revision, **values)
    page = client.get(address("case", world.case))
    [told] = [entry for entry in page.context["entries"] if "Contact changed" in str(entry["text"])]
    assert (told["who"], told["detail"]) == (str(world.caseworker), "never use")


def test_a_page_of_one_case_shows_no_other_even_with_its_filters_forgotten(
    world: World, login: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.case(world.team, world.caseworker)
    actions.add_note(other, Note(), "Of another case", by=world.caseworker)
    actions.add_note(world.case, Note(), "Of this case", by=world.caseworker)
    monkeypatch.setattr(NoteQuerySet, "visible_in", lambda notes, case, user: notes.all())
    page = login(world.caseworker).get(reverse("cases:case", args=[world.case.pk])).content.decode()
    assert "Of this case" in page
    assert "Of another case" not in page
