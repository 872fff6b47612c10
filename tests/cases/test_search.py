"""Search before create: who is found, why, and who is never told of."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases import cards, search, tokens
from cases.clues import Clues, Likeness
from cases.models import Case, Person
from tests import factories
from tests.factories import World
from victimcare import acting
from victimcare.encryption import rotation
from victimcare.models import AccessEntry, User
from victimcare.models.logs import Action

URL = "/cases/search/"


def known(world: World, team: Any = None, worker: User | None = None, **values: Any) -> Case:
    """A case of a person whose tokens are kept, as intake keeps them."""
    team = team or world.team
    made = factories.case(team, worker, person=factories.person(team.organization, **values))
    tokens.keep(made.person)
    return made


@pytest.fixture
def ines(world: World) -> Case:
    return known(
        world, worker=world.caseworker, given_names="Inés", surnames="de la Peña Ávila", birth="1990-02-03"
    )


@pytest.mark.parametrize(
    ("given", "surnames", "reason"),
    [
        ("Ines", "Pena", Likeness.SAME_NAME),
        ("Inés", "Peña Avila", Likeness.SAME_NAME),
        ("Pena", "Ines", Likeness.SAME_NAME),
        ("Inez", "Penna", Likeness.SIMILAR_NAME),
        ("ines", "AVILA DE LA PEÑA", Likeness.SAME_NAME),
    ],
)
def test_accents_typos_and_order_do_not_matter(
    world: World, ines: Case, given: str, surnames: str, reason: Likeness
) -> None:
    found = search.find(Clues(given, surnames), by=world.caseworker)
    assert [match.case for match in found.matches] == [ines]
    assert found.matches[0].reasons == [search.REASONS[reason]]


def test_a_rotation_that_ends_meanwhile_is_no_tampering(
    world: World, ines: Case, as_owner: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After the cards were read, and before they are opened."""
    opened, rotations = cards.opened, [world.agency.member_state]

    def rotated(*read: Any) -> Any:
        while rotations:
            with as_owner():
                rotation.rotate_state(rotations.pop())
        return opened(*read)

    cards._key.cache_clear()
    monkeypatch.setattr(cards, "opened", rotated)
    found = search.find(Clues("Ines", "Pena"), by=world.caseworker)
    assert [match.case for match in found.matches] == [ines]
    assert caplog.records == []


def test_another_name_is_not_found(world: World, ines: Case) -> None:
    assert search.find(Clues("Rosario", "Huanca"), by=world.caseworker).matches == []


def test_the_name_by_which_somebody_wants_to_be_called_is_found(world: World) -> None:
    made = known(world, worker=world.caseworker, given_names="", surnames="", known_as="Luz")
    assert [match.case for match in search.find(Clues("Luz"), by=world.caseworker).matches] == [made]


def test_each_result_says_why(world: World, ines: Case) -> None:
    known(world, worker=world.caseworker, given_names="Rosario", identity_number="20123456")
    clues = Clues("Inex", "Pena", frozenset({1990}), "20.123.456")
    found = [
        [str(reason) for reason in match.reasons] for match in search.find(clues, by=world.caseworker).matches
    ]
    assert found == [["Same identity number"], ["Similar name, same year of birth"]]


def test_the_strongest_reason_comes_first(world: World, ines: Case) -> None:
    same_number = known(world, worker=world.caseworker, given_names="Rosario", identity_number="20123456")
    clues = Clues("Ines", "Peña", identity_number="20.123.456")
    assert [match.case for match in search.find(clues, by=world.caseworker).matches] == [same_number, ines]


def test_a_colleagues_person_shows_only_the_team(world: World, login: Any) -> None:
    known(world, worker=world.caseworker, given_names="Inés", surnames="Peña", birth="1990")
    client: Client = login(world.caseworker2)
    page = client.post(URL, {"given_names": "Ines", "surnames": "Pena", "birth": "1990"}).content.decode()
    assert "A record may exist with North." in page
    assert "Inés" not in page
    assert "Peña" not in page


def test_the_owner_can_see_who_was_told_of_a_record(world: World, ines: Case) -> None:
    with acting.as_user(world.caseworker2):
        search.find(Clues("Inés", "Peña", frozenset({1990})), by=world.caseworker2)
    entry = AccessEntry.objects.about(ines).get(action=Action.SEARCH)
    assert (entry.by, entry.organization, entry.member_state_id, entry.kinds) == (
        world.caseworker2, world.agency, "AR", [],
    )  # fmt: skip


def test_a_name_alone_says_nothing_of_a_colleagues_person(world: World, ines: Case) -> None:
    found = search.find(Clues("Inés", "Peña"), by=world.caseworker2)
    assert (found.matches, found.elsewhere) == ([], [])


def test_another_organisations_person_is_never_found(world: World) -> None:
    known(world, team=world.shelter_team, given_names="Inés", surnames="Peña", identity_number="20123456")
    found = search.find(Clues("Inés", "Peña", identity_number="20123456"), by=world.caseworker)
    assert (found.matches, found.elsewhere) == ([], [])


@pytest.mark.parametrize("kind", list(Likeness))
def test_each_likeness_is_said_in_words(kind: Likeness) -> None:
    assert str(search.REASONS[kind])


def test_what_was_typed_is_in_no_address_no_log_and_no_history(
    world: World, login: Any, ines: Case, caplog: pytest.LogCaptureFixture
) -> None:
    client: Client = login(world.caseworker)
    before = Person.history.count()
    with caplog.at_level("DEBUG"):
        response = client.post(URL, {"given_names": "Inés"})
    assert Person.history.count() == before
    assert response.status_code == 200  # the answer itself: no redirect that would carry the words
    assert "Inés" not in caplog.text
    entry = AccessEntry.objects.get(action=Action.SEARCH)
    assert (entry.by, entry.object_id, entry.rows) == (world.caseworker, ines.pk, 1)
    assert "Inés" not in str(vars(entry))


def test_an_address_searches_for_nothing(world: World, login: Any, ines: Case) -> None:
    page = login(world.caseworker).get(URL, {"given_names": "Inés"}).content.decode()
    assert "Peña" not in page
    assert "Inés" not in page


def test_an_empty_search_asks_for_something(world: World, login: Any) -> None:
    page = login(world.caseworker).post(URL, {"birth": "1990"}).content.decode()
    assert "one of them is enough" in page


def test_a_birth_date_that_is_none_keeps_what_was_typed(world: World, login: Any) -> None:
    page = login(world.caseworker).post(URL, {"given_names": "Inés", "birth": "3/2/90"}).content.decode()
    assert 'value="Inés"' in page
    assert 'value="3/2/90"' in page


def test_no_match_leads_to_a_filled_intake_by_post(world: World, login: Any) -> None:
    client: Client = login(world.caseworker)
    typed = {"given_names": "Rosa<rio", "surnames": "Huanca", "birth": "1985", "reached_at": "11 2345 6789"}
    page = client.post(URL, typed).content.decode()
    assert "No match? Open a new case" in page
    intake = client.post(reverse("cases:intake"), typed | {"from_search": "1"}).content.decode()
    for value in ("Rosa&lt;rio", "Huanca", "1985", "11 2345 6789"):
        assert f'value="{value}"' in intake
    assert Case.objects.count() == 0


@pytest.mark.parametrize("role", ["provider", "officer", "practitioner", "coordinator", "admin"])
def test_who_opens_no_cases_may_not_search(world: World, login: Any, role: str) -> None:
    assert login(getattr(world, role)).get(URL).status_code == 403


def test_the_number_of_queries_does_not_grow(
    world: World, django_assert_max_num_queries: Any, login: Any
) -> None:
    for _ in range(12):
        known(world, worker=world.caseworker, given_names="Inés", surnames="Peña")
    client = login(world.caseworker)
    with django_assert_max_num_queries(20):
        client.post(URL, {"given_names": "Inés", "surnames": "Peña"})


@pytest.mark.parametrize(
    "typed", ["I. Peña", "i pena", "Ines P", "Ávila, Inés", "ines-pena", "INEZ DE LA PEGNA", "inespena avila"]
)
def test_free_typing_finds_a_name_however_it_is_written(world: World, ines: Case, typed: str) -> None:
    assert search.own(typed, by=world.caseworker) == [ines]


def test_free_typing_finds_nobody_outside_of_ones_own_cases(world: World, ines: Case) -> None:
    assert search.own("Inés Peña", by=world.caseworker2) == []


def test_free_typing_ranks_the_likest_first(world: World, ines: Case) -> None:
    similar = known(world, worker=world.caseworker, given_names="Inez", surnames="Penna")
    assert search.own("Ines Pena", by=world.caseworker) == [ines, similar]
