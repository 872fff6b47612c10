"""Where a state has one register: who is told that a record may exist elsewhere, and who answers."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from cases import actions, cards, requests, search, tokens
from cases.clues import Clues
from cases.models import Case, NameCard, PersonTokens, RecordRequest
from tests import factories
from tests.factories import World
from victimcare import acting
from victimcare import actions as base
from victimcare.actions import KeptElsewhere
from victimcare.models import AccessEntry, Organization, Role, StateRegister, User
from victimcare.models.logs import Action

URL = "/cases/search/"
TYPED = {"given_names": "Ines", "surnames": "Pena", "birth": "1990"}
CLUES = Clues("Ines", "Pena", frozenset({1990}))
ELSEWHERE = "A record may exist elsewhere"


@pytest.fixture
def authority(world: World) -> Organization:
    return world.body


@pytest.fixture
def register(world: World, authority: Organization) -> StateRegister:
    return base.open_state_register(authority, by=world.coordinator)


def known(team: Any, worker: User | None = None, **values: Any) -> Case:
    names = {"given_names": "Inés", "surnames": "de la Peña", "birth": "1990"}
    made = factories.case(team, worker, person=factories.person(team.organization, **(names | values)))
    tokens.keep(made.person)
    return made


@pytest.fixture
def asked(world: World, register: StateRegister) -> RecordRequest:
    known(world.shelter_team)
    actions.ask_for_record(CLUES, by=world.caseworker)
    return RecordRequest.objects.get()


@pytest.fixture
def owner(world: World) -> User:
    return factories.member(Role.SUPERVISOR, world.shelter, world.shelter_team, "owner")


def test_it_is_off_until_somebody_turns_it_on(world: World, authority: Organization) -> None:
    known(world.shelter_team)
    assert not StateRegister.objects.exists()
    assert not search.find(CLUES, by=world.caseworker).in_state


def test_who_is_elsewhere_learns_that_a_record_may_exist_and_nothing_else(
    world: World, register: StateRegister, login: Any
) -> None:
    case = known(world.shelter_team)
    page = login(world.caseworker).post(URL, TYPED).content.decode()
    assert ELSEWHERE in page
    for word in ("Shelter", "House", "Inés", "Peña", case.number, str(case.pk), str(case.person_id)):
        assert word not in page


def test_a_number_is_found_too(world: World, register: StateRegister) -> None:
    known(world.shelter_team, identity_number="20.123.456")
    assert search.find(Clues(identity_number="20123456"), by=world.caseworker).in_state


def test_another_person_is_not_found(world: World, register: StateRegister) -> None:
    known(world.shelter_team)
    assert not search.find(Clues("Rosa", "Pena", frozenset({1990})), by=world.caseworker).in_state


def test_another_state_is_told_nothing(world: World, register: StateRegister) -> None:
    known(world.shelter_team)
    assert not search.find(CLUES, by=world.caseworker_br).in_state


def test_who_holds_the_record_is_told_of_it_as_their_own(world: World, register: StateRegister) -> None:
    known(world.team, world.caseworker)
    found = search.find(CLUES, by=world.caseworker)
    assert (len(found.matches), found.in_state) == (1, False)


def test_the_database_gives_no_card_of_another_organisation(world: World) -> None:
    """Where no state has one register, whoever knows a token."""
    case = known(world.shelter_team)
    held = PersonTokens.objects.get(person=case.person).tokens.split()
    with acting.as_user(world.caseworker):
        assert list(cards.found_by(held, cards.ALIKE)) == []
        assert list(cards.found_by(held, cards.OF_STATE)) == []
    with acting.as_user(world.caseworker_shelter):
        assert len(list(cards.found_by(held, cards.ALIKE))) == 1


def test_turned_off_again_it_tells_nothing(world: World, register: StateRegister) -> None:
    known(world.shelter_team)
    base.end_state_register(register, by=world.coordinator)
    assert not search.find(CLUES, by=world.caseworker).in_state


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "admin", "officer"])
def test_only_a_coordinator_of_the_authority_turns_it_on(world: World, role: str) -> None:
    with pytest.raises(PermissionDenied):
        base.open_state_register(world.body, by=getattr(world, role))


def test_no_authority_turns_it_on_for_another_state(world: World) -> None:
    abroad = factories.organization("BR")
    with pytest.raises(PermissionDenied):
        base.open_state_register(abroad, by=world.coordinator)


def test_another_authority_of_the_state_is_told_that_it_has_one(
    world: World, register: StateRegister
) -> None:
    other = factories.organization("AR")
    coordinator = factories.member(Role.COORDINATOR, other)
    with pytest.raises(KeptElsewhere):
        base.open_state_register(other, by=coordinator)
    with pytest.raises(CommandError, match="Another authority"):
        call_command("state_register", "on", organization=other.code, by=coordinator.username)
    assert StateRegister.objects.running().get() == register


def test_a_process_that_knew_of_no_register_keeps_tokens_for_one_that_was_opened(
    world: World, authority: Organization
) -> None:
    served = factories.person(world.agency, identity_number="20123456")
    tokens.keep(served)
    alone = PersonTokens.objects.get(person=served).tokens.split()
    base.open_state_register(authority, by=world.coordinator)
    tokens.keep(served)
    assert len(PersonTokens.objects.get(person=served).tokens.split()) == 2 * len(alone) == 2


def test_tokens_across_the_state_lie_under_another_key(world: World, register: StateRegister) -> None:
    key = tokens.keys_of(world.agency).register
    assert key is not None
    assert key == tokens.keys_of(world.shelter).register != tokens.keys_of(register.organization).own


def test_it_is_turned_on_and_off_by_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    who = {"organization": world.body.code, "by": world.coordinator.username}
    call_command("state_register", "on", **who)
    call_command("state_register", "on", **who)
    assert StateRegister.objects.running().count() == 1
    call_command("state_register", "off", **who)
    assert not StateRegister.objects.running().exists()
    with pytest.raises(CommandError, match="no register that is on"):
        call_command("state_register", "off", **who)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"by": "nobody-here"}, "no active account"),
        ({"organization": "none"}, "no organisation"),
        ({"by": "caseworker"}, "Only a coordinator"),
    ],
)
def test_the_command_says_what_is_wrong(world: World, change: dict[str, str], words: str) -> None:
    assert world.caseworker
    who = {"organization": world.body.code, "by": world.coordinator.username} | change
    with pytest.raises(CommandError, match=words):
        call_command("state_register", "on", **who)


def test_records_of_before_are_found_after_a_rebuild(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    known(world.shelter_team)
    base.open_state_register(world.body, by=world.coordinator)
    assert not search.find(CLUES, by=world.caseworker).in_state
    call_command("rebuild_search")
    assert "1 persons were read" in capsys.readouterr().out
    assert search.find(CLUES, by=world.caseworker).in_state


def test_a_rebuild_makes_what_an_update_took_away(world: World) -> None:
    case = known(world.team, world.caseworker)
    PersonTokens.objects.all().delete()
    NameCard.objects.all().delete()
    assert search.find(CLUES, by=world.caseworker).matches == []
    call_command("rebuild_search")
    assert [match.case for match in search.find(CLUES, by=world.caseworker).matches] == [case]


def test_a_rebuild_takes_away_what_finds_nobody(world: World, as_owner: Any) -> None:
    with as_owner():
        served = factories.person(world.agency)
        tokens.keep(served)
        served.given_names = served.surnames = ""
        served.save()
    assert PersonTokens.objects.count() == NameCard.objects.count() == 1
    call_command("rebuild_search")
    assert not PersonTokens.objects.exists()
    assert not NameCard.objects.exists()


def test_a_rebuild_passes_over_who_was_tampered_with(
    world: World, as_owner: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = known(world.team, world.caseworker), known(world.team, world.caseworker)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_person SET surnames = NULL WHERE id = %s", [one.person_id])
    PersonTokens.objects.all().delete()
    with pytest.raises(CommandError, match=r"1 persons could not be read"):
        call_command("rebuild_search")
    assert "1 persons were read" in capsys.readouterr().out
    assert [kept.person_id for kept in PersonTokens.objects.all()] == [other.person_id]


def test_the_request_holds_nothing_of_what_was_searched_for(asked: RecordRequest, as_owner: Any) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(r)::text FROM cases_recordrequest r")
        text = cursor.fetchone()[0].casefold()
    assert "ines" not in text
    assert "pena" not in text


def test_asked_again_it_is_one_request(world: World, asked: RecordRequest) -> None:
    actions.ask_for_record(CLUES, by=world.caseworker)
    assert RecordRequest.objects.count() == 1


def test_there_has_to_be_somebody_to_ask(world: World, register: StateRegister) -> None:
    with pytest.raises(Exception, match="nobody to ask"):
        actions.ask_for_record(CLUES, by=world.caseworker)


def test_the_owners_supervisor_sees_who_asks_and_about_which_case(
    asked: RecordRequest, owner: User, login: Any
) -> None:
    page = login(owner).get(reverse("cases:requests")).content.decode()
    assert "User caseworker of Agency asks about the case" in page
    assert asked.case.number in page


def test_the_owner_can_see_in_the_log_who_asked(world: World, asked: RecordRequest) -> None:
    entry = AccessEntry.objects.about(asked.case).filter(action=Action.SEARCH).first()
    assert entry is not None
    assert (entry.by, entry.organization) == (world.caseworker, world.shelter)


def test_who_asked_sees_that_it_waits_and_not_with_whom(
    world: World, asked: RecordRequest, login: Any
) -> None:
    page = login(world.caseworker).get(URL).content.decode()
    assert "Waits for an answer." in page
    assert "Shelter" not in page
    with acting.as_user(world.caseworker):
        assert not RecordRequest.objects.exists()  # the second wall


def test_no_tells_nothing_of_the_owner(world: World, asked: RecordRequest, owner: User, login: Any) -> None:
    actions.answer_request(asked, contact=False, by=owner)
    page = login(world.caseworker).get(URL).content.decode()
    assert "Nobody will get in touch." in page
    assert "Shelter" not in page


def test_who_gets_in_touch_is_named(world: World, asked: RecordRequest, owner: User, login: Any) -> None:
    client: Client = login(owner)
    client.post(reverse("cases:request_answer", args=[asked.pk]), {"answer": "contact"})
    with acting.as_user(world.caseworker):
        assert [(str(one.words), one.answered_by) for one in requests.mine()] == [
            ("You will hear from:", "Shelter")
        ]


def test_several_owners_are_one_answer(world: World, register: StateRegister, owner: User) -> None:
    """How many hold a record is not told either."""
    known(world.shelter_team)
    other = factories.organization(is_agency=True)
    known(factories.Team.objects.create(organization=other, name="Other"))
    actions.ask_for_record(CLUES, by=world.caseworker)
    assert RecordRequest.objects.count() == 2
    with acting.as_user(world.caseworker):
        assert [one.answered_by for one in requests.mine()] == [""]


def test_it_is_answered_once(asked: RecordRequest, owner: User) -> None:
    actions.answer_request(asked, contact=False, by=owner)
    with pytest.raises(Exception, match="answered this already"):
        actions.answer_request(asked, contact=True, by=owner)


def test_an_answer_that_is_none_is_told(asked: RecordRequest, owner: User, login: Any) -> None:
    client: Client = login(owner)
    page = client.post(reverse("cases:request_answer", args=[asked.pk]), {"answer": "?"}, follow=True)
    assert "Choose one of the two answers." in page.content.decode()
    assert RecordRequest.objects.get().status == "asked"


@pytest.mark.parametrize("role", ["supervisor", "caseworker_shelter", "provider", "coordinator"])
def test_nobody_else_sees_or_answers_it(world: World, asked: RecordRequest, login: Any, role: str) -> None:
    client: Client = login(getattr(world, role))
    answer = client.post(reverse("cases:request_answer", args=[asked.pk]), {"answer": "contact"})
    assert answer.status_code in (403, 404)
    assert RecordRequest.objects.get().status == "asked"


def test_asking_leads_back_to_the_search_and_carries_no_name(world: World, register: Any, login: Any) -> None:
    known(world.shelter_team)
    response = login(world.caseworker).post(reverse("cases:ask"), TYPED)
    assert (response.status_code, response["Location"]) == (302, URL)
    assert RecordRequest.objects.count() == 1
