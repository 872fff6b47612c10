"""A colleague's case is opened in an emergency: the minimum first, and everybody told."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone

from cases import actions, tokens
from cases.access import kinds_shown
from cases.actions.emergencies import (
    EmergencyEnded,
    SeenAlready,
)
from cases.models import Case, ContactPoint, EmergencyAccess, Incident, Note, Party
from tests.cases.emergencies import again, filled, locked, opened, page, said
from tests.factories import World, member
from victimcare import acting, numbers
from victimcare.kinds import DataKind
from victimcare.models import Notification, Role

FIND = "/cases/emergency/"


@pytest.fixture(autouse=True)
def _made_before(world: World) -> None:
    for name in ("caseworker", "caseworker2", "supervisor", "privacy", "case"):
        getattr(world, name)


@pytest.fixture
def told(world: World) -> Case:
    return filled(world.case)


def test_the_number_opens_it_on_one_page_with_the_minimum_first(told: Case, world: World, login: Any) -> None:
    client: Client = login(world.caseworker2)
    assert client.get(FIND).status_code == 200
    answer = client.post(FIND, said(number=told.number.lower().replace("-", " ")), follow=True)
    assert answer.redirect_chain == [(page(told), 302)]
    shown = answer.content.decode()
    for words in (
        "Ximena",
        "11 2345 6789",
        "After 16:00 only",
        "Has a weapon",
        "Opened in an emergency, until",
    ):
        assert words in shown
    for words in ("What she told us", "What was done"):
        assert words not in shown
    assert kinds_shown(again(world.caseworker2), told) == {DataKind.IDENTITY, DataKind.CONTACT, DataKind.RISK}


@pytest.mark.parametrize(
    "name",
    ["case", "person_edit", "notes", "log", "ties", "incident_add", "party_add", "contact_add", "assign"],
)
def test_the_minimum_is_one_page_and_all_others_do_not_exist(
    told: Case, world: World, login: Any, name: str
) -> None:
    opened(told, world.caseworker2)
    assert login(world.caseworker2).get(page(told, name)).status_code == 404


def test_the_minimum_is_all_that_the_database_gives(told: Case, world: World) -> None:
    opened(told, world.caseworker2)
    with acting.as_user(again(world.caseworker2)):
        for model in (Case, Party, ContactPoint):
            assert model._base_manager.count() == 1
        for model in (Incident, Note):
            assert not model._base_manager.exists()


@pytest.mark.parametrize(
    "row",
    [
        "cases_contactpoint (id, person_id) VALUES (gen_random_uuid(), %(person)s)",
        "cases_historicalcontactpoint (id, person_id) VALUES (gen_random_uuid(), %(person)s)",
        "cases_historicalperson (id) VALUES (%(person)s)",
        "cases_case (id, person_id, organization_id) VALUES (gen_random_uuid(), %(person)s, %(place)s)",
    ],
    ids=["contact", "contact_history", "person_history", "case"],
)
def test_the_database_adds_nothing_to_whose_minimum_is_open(told: Case, world: World, row: str) -> None:
    """Policies are asked before anything else of a row."""
    tokens.keep(told.person)
    opened(told, world.caseworker2)
    values = {"person": told.person_id, "place": told.organization_id}
    with acting.as_user(again(world.caseworker2)), connection.cursor() as cursor:
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            cursor.execute(f"INSERT INTO {row}", values)
        for table in ("cases_persontokens", "cases_namecard"):
            cursor.execute(f"SELECT FROM {table} WHERE person_id = %(person)s", values)
            assert cursor.rowcount == 0
        assert ContactPoint._base_manager.count() == 1


@pytest.mark.parametrize("name", ["case", "notes", "ties", "incident_add"])
def test_the_application_alone_shows_no_more_either(
    told: Case, world: World, login: Any, as_owner: Any, name: str
) -> None:
    opened(told, world.caseworker2)
    with as_owner():
        assert login(world.caseworker2).get(page(told, name)).status_code == 404
        assert not Note.objects.visible_to(again(world.caseworker2)).exists()


def test_more_is_a_step_of_its_own_with_words(told: Case, world: World, login: Any) -> None:
    client = login(world.caseworker2)
    client.post(page(told), said())
    assert client.post(page(told, "emergency_more"), {"words": ""}).status_code == 200
    assert client.get(page(told, "case")).status_code == 404
    client.post(page(told, "emergency_more"), {"words": "The child is missing"})
    shown = client.get(page(told, "case")).content.decode()
    for words in ("What she told us", "What was done", "Opened in an emergency, until", "End now"):
        assert words in shown
    assert kinds_shown(again(world.caseworker2), told) == frozenset(DataKind) - {DataKind.COUNSELLING}
    [access] = EmergencyAccess.objects.all()
    assert (access.whole_by, access.whole_words) == (world.caseworker2, "The child is missing")


def test_it_ends_at_once_when_they_say_so(told: Case, world: World, login: Any) -> None:
    client = login(world.caseworker2)
    client.post(page(told), said())
    client.post(page(told, "emergency_more"), {"words": "More"})
    assert client.post(page(told, "emergency_end")).status_code == 302
    assert client.get(page(told, "case")).status_code == 404
    assert "Open the case now" in client.get(page(told)).content.decode()
    assert EmergencyAccess.objects.get().until <= timezone.now()


def test_more_comes_too_late_when_it_ended(told: Case, world: World, login: Any) -> None:
    access = opened(told, world.caseworker2)
    actions.end_emergency(access, by=world.caseworker2)
    with pytest.raises(EmergencyEnded):
        actions.need_more(access, by=world.caseworker2, words="More")
    answer = login(world.caseworker2).post(page(told, "emergency_more"), {"words": "More"}, follow=True)
    assert "This emergency access has ended." in answer.content.decode()
    actions.end_emergency(access, by=world.caseworker2)


@pytest.mark.parametrize("verb", ["need_more", "end_emergency"])
def test_nobody_goes_on_with_what_another_opened(told: Case, world: World, verb: str) -> None:
    access = opened(told, world.caseworker2)
    words = {"words": "More"} if verb == "need_more" else {}
    with pytest.raises(PermissionDenied):
        getattr(actions, verb)(access, by=world.supervisor, **words)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"words": "  "}, "words"), ({"minutes": 1441}, "minutes"), ({"reason": "curious"}, "reason")],
)
def test_it_asks_for_reason_words_and_an_offered_time(world: World, values: Any, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        opened(world.case, world.caseworker2, **values)
    assert field in refused.value.message_dict


def test_opened_twice_is_opened_once(world: World, login: Any) -> None:
    client, filled = login(world.caseworker2), said()
    client.post(page(world.case), filled)
    client.post(page(world.case), filled)
    first = opened(world.case, world.caseworker2)
    assert opened(world.case, world.caseworker2, minutes=120) == first
    assert EmergencyAccess.objects.count() == 1


def test_all_who_answer_for_the_case_are_told_by_number_and_link(world: World) -> None:
    stranger = member(Role.SUPERVISOR, world.agency, world.other_team)
    access = opened(world.case, world.caseworker2)
    rows = Notification.objects.filter(kind="cases.emergency_opened")
    assert {one.recipient for one in rows} == {world.caseworker, world.supervisor, world.privacy}
    assert stranger not in {one.recipient for one in rows}
    for one in rows:
        assert (one.reference, one.link) == (world.case.number, f"/cases/emergencies/{access.pk}/")
        assert Notification.objects.visible_to(one.recipient).filter(pk=one.pk).exists()
    actions.need_more(access, by=world.caseworker2, words="More")
    assert Notification.objects.filter(kind="cases.emergency_widened").count() == 3


@pytest.mark.parametrize("who", ["provider", "admin", "privacy", "officer", "coordinator"])
def test_without_work_with_cases_there_is_no_door(world: World, login: Any, who: str) -> None:
    assert login(getattr(world, who)).get(FIND).status_code == 403
    assert login(getattr(world, who)).get(page(world.case)).status_code == 404
    with pytest.raises(PermissionDenied):
        opened(world.case, getattr(world, who))


def test_a_case_of_another_organisation_does_not_exist(world: World, login: Any) -> None:
    client = login(world.caseworker_br)
    assert client.get(page(world.case)).status_code == 404
    assert client.post(page(world.case), said()).status_code == 404
    assert (
        "There is no case with this number"
        in client.post(FIND, said(number=world.case.number)).content.decode()
    )
    with pytest.raises(PermissionDenied):
        opened(world.case, world.caseworker_br)


def test_a_locked_case_gives_the_same_answer_as_none(world: World, login: Any) -> None:
    locked(world.case, world.caseworker2, world.supervisor)
    client = login(world.caseworker2)
    assert client.get(page(world.case)).status_code == 404
    assert client.post(page(world.case), said()).status_code == 404
    for number in (world.case.number, numbers.new_number()):
        assert "There is no case with this number" in client.post(FIND, said(number=number)).content.decode()
    with pytest.raises(PermissionDenied):
        opened(world.case, again(world.caseworker2))


def test_a_running_emergency_closes_with_a_tie(told: Case, world: World, login: Any) -> None:
    client = login(world.caseworker2)
    client.post(page(told), said())
    client.post(page(told, "emergency_more"), {"words": "More"})
    locked(told, world.caseworker2, world.supervisor)
    assert client.get(page(told)).status_code == 404
    assert client.get(page(told, "case")).status_code == 404


def test_who_sees_the_case_needs_no_emergency(world: World, login: Any) -> None:
    answer = login(world.caseworker).get(page(world.case))
    assert (answer.status_code, answer["Location"]) == (302, page(world.case, "case"))
    answer = login(world.supervisor).post(FIND, said(number=world.case.number))
    assert answer["Location"] == page(world.case, "case")
    for user in (world.caseworker, world.supervisor):
        with pytest.raises(SeenAlready):
            opened(world.case, again(user))
    assert not EmergencyAccess.objects.exists()


def test_who_was_given_the_case_came_by_no_emergency(told: Case, world: World, login: Any) -> None:
    """On every page of it alike: what they opened before ends by itself."""
    colleague = member(Role.CASEWORKER, world.agency, world.team)
    actions.need_more(opened(told, colleague), by=again(colleague), words="More")
    client = login(colleague)
    pages = [page(told, "case"), page(told, "notes"), page(told, "incident_add")]
    assert ["End now" in client.get(one).content.decode() for one in pages] == [True, True, True]
    actions.assign(told, again(colleague), by=world.supervisor)
    assert ["End now" in client.get(one).content.decode() for one in pages] == [False, False, False]
