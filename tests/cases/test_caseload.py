"""The list of cases: who sees which, in which order, page by page, at the same cost for one row as for
fifty.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases import tokens
from cases.models import Case
from tests import factories
from tests.factories import World
from victimcare import numbers as numbers_of
from victimcare.models import AccessEntry
from victimcare.models.logs import Action

URL = "/cases/"


def numbers(client: Client, url: str = URL) -> list[str]:
    response = client.get(url)
    assert response.status_code == 200
    return [row.number for row in response.context["rows"]]


def test_own_cases_only(world: World, login: Any) -> None:
    factories.case(world.team)
    factories.case(world.other_team, world.caseworker2)
    factories.case(world.shelter_team, world.caseworker_shelter)
    assert numbers(login(world.caseworker)) == []
    assert numbers(login(world.caseworker)) == []
    mine = world.case
    assert numbers(login(world.caseworker)) == [mine.number]


def test_a_supervisor_sees_the_team_also_what_nobody_works_on(world: World, login: Any) -> None:
    expected = {factories.case(world.team).number, world.case.number}
    factories.case(world.other_team, world.caseworker2)
    assert set(numbers(login(world.supervisor))) == expected


def test_closures_that_wait_come_first_for_who_approves_them(world: World, login: Any) -> None:
    today = timezone.localdate()
    newest = factories.case(world.team, world.caseworker, opened_on=today)
    waits = factories.case(
        world.team,
        world.caseworker,
        opened_on=today - timedelta(days=90),
        status="closing",
        closure_asked_at=timezone.now(),
        closure_asked_by=world.caseworker,
    )
    assert numbers(login(world.supervisor)) == [waits.number, newest.number]
    assert numbers(login(world.caseworker)) == [newest.number, waits.number]


def test_a_line_says_what_is_needed(world: World, login: Any) -> None:
    known, unknown = world.case, factories.case(world.team, world.caseworker)
    unknown.person.given_names = unknown.person.surnames = ""
    unknown.person.save()
    page = login(world.caseworker).get(URL).content.decode()
    for words in (known.number, "Ximena Quispe Invented", "Victim of crime or violence", "Name not known"):
        assert words in page


def test_a_closure_that_somebody_else_has_to_approve_does_not_come_first(world: World, login: Any) -> None:
    asked = {"status": "closing", "closure_asked_at": timezone.now()}
    long_ago = timezone.localdate() - timedelta(days=9)
    newest = factories.case(world.team)
    own = factories.case(world.team, opened_on=long_ago, closure_asked_by=world.supervisor, **asked)
    theirs = factories.case(world.team, opened_on=long_ago, closure_asked_by=world.caseworker, **asked)
    assert numbers(login(world.supervisor), URL) == [theirs.number, newest.number, own.number]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("status=on_hold", {"held"}),
        ("status=running", {"held", "open", "nobody"}),
        ("status=nonsense", {"held", "open", "nobody"}),
        ("status=all", {"held", "open", "nobody", "closed"}),
        ("worker=nobody", {"nobody"}),
    ],
)
def test_filters(world: World, login: Any, asked: str, found: set[str]) -> None:
    now = timezone.now()
    closed = {
        "closed_at": now, "closed_by": world.supervisor, "closure_asked_at": now,
        "closure_asked_by": world.caseworker,
    }  # fmt: skip
    cases = {
        "open": world.case,
        "held": factories.case(world.team, world.caseworker, status="on_hold"),
        "nobody": factories.case(world.team),
        "closed": factories.case(world.team, world.caseworker, status="closed", **closed),
    }
    expected = {cases[name].number for name in found}
    assert set(numbers(login(world.supervisor), f"{URL}?{asked}")) == expected


def test_a_supervisor_filters_by_worker(world: World, login: Any) -> None:
    factories.case(world.team, world.supervisor)
    asked = f"{URL}?worker={world.caseworker.pk}"
    mine = world.case
    assert numbers(login(world.supervisor), asked) == [mine.number]


def test_pages_follow_each_other_without_gap_or_double(
    world: World, login: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("victimcare.paging.SIZE", 2)
    today = timezone.localdate()
    days = [today, today, today, today - timedelta(days=1), today - timedelta(days=2)]
    made = [factories.case(world.team, world.caseworker, opened_on=day) for day in days]
    client, url, seen = login(world.caseworker), URL, []
    while url:
        response = client.get(url)
        seen += [row.number for row in response.context["rows"]]
        url = response.context["next_url"]
    ordered = sorted(made, key=lambda case: (-case.opened_on.toordinal(), case.pk))
    assert seen == [case.number for case in ordered]


@pytest.mark.parametrize("after", ["nonsense", "1_2026-02-30_x", "1_2026-01-01_not-a-uuid"])
def test_a_broken_address_shows_the_first_page(world: World, login: Any, after: str) -> None:
    mine = world.case
    assert numbers(login(world.caseworker), f"{URL}?after={after}") == [mine.number]


def searched(client: Client, text: str) -> list[str]:
    return [row.number for row in client.post(URL, {"q": text}).context["rows"]]


def test_search_in_the_caseload_by_name_and_number(world: World, login: Any) -> None:
    mine = world.case
    theirs = factories.case(world.other_team, world.caseworker2)
    for one in (mine, theirs):
        tokens.keep(one.person)
    client = login(world.caseworker)
    assert searched(client, "quispe") == [mine.number]
    assert searched(client, mine.number.lower().replace("-", " ")) == [mine.number]
    assert searched(client, theirs.number) == []
    assert searched(client, "Huanca") == []
    logged = AccessEntry.objects.filter(action=Action.SEARCH).values_list("object_id", "rows")
    assert sorted(logged, key=str) == [(None, 0), (None, 0), (mine.pk, 1), (mine.pk, 1)]


def test_a_name_that_reads_as_a_case_number_is_a_name(world: World, login: Any) -> None:
    clara = factories.person(world.agency, given_names="Clara", surnames="Perez")
    case = factories.case(world.team, world.caseworker, person=clara)
    tokens.keep(clara)
    assert numbers_of.normalise("Clara Perez")
    assert searched(login(world.caseworker), "Clara Perez") == [case.number]


def test_reading_the_list_is_logged(world: World, login: Any) -> None:
    shown = {world.case.pk, factories.case(world.team, world.caseworker).pk}
    login(world.caseworker).get(URL)
    entries = AccessEntry.objects.filter(action=Action.LIST)
    assert {entry.object_id for entry in entries} == shown
    for entry in entries:
        assert (entry.by, entry.object_label, entry.organization, entry.member_state_id) == (
            world.caseworker, "cases.Case", world.agency, "AR",
        )  # fmt: skip
        assert entry.kinds == ["identity"]


def test_an_empty_list_is_logged_too(world: World, login: Any) -> None:
    login(world.caseworker).get(URL)
    entry = AccessEntry.objects.get(action=Action.LIST)
    assert (entry.object_id, entry.rows) == (None, 0)


@pytest.mark.parametrize("role", ["provider", "officer", "practitioner", "coordinator", "admin"])
def test_other_roles_have_no_caseload(world: World, login: Any, role: str) -> None:
    assert login(getattr(world, role)).get(URL).status_code == 403


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_costs_the_same_for_one_and_fifty(
    world: World, login: Any, django_assert_num_queries: Any, rows: int
) -> None:
    for _ in range(rows):
        factories.case(world.team, world.caseworker)
    client = login(world.caseworker)
    client.get("/healthz")  # a process asks once whether a backup brought somebody back
    with django_assert_num_queries(9):
        assert len(numbers(client)) == rows


def test_nothing_yet(world: World, login: Any) -> None:
    page = login(world.caseworker).get(URL).content.decode()
    assert "No cases yet" in page
    assert Case.objects.count() == 0
