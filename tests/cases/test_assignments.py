"""Assignment is the fact, the grant its consequence: the two are always the same set."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases import actions
from cases.access import CaseGrant
from cases.actions.assignments import NotATeamHere, NotOfTheTeam
from cases.models import Assignment, Case
from tests.factories import World, member
from victimcare.models import Membership, Role, Step, User


@pytest.fixture
def colleague(world: World) -> User:
    return member(Role.CASEWORKER, world.agency, world.team, "colleague")


def grants() -> set[tuple[Any, Any]]:
    return set(CaseGrant.objects.values_list("user_id", "content_object_id"))


def facts() -> set[tuple[Any, Any]]:
    return set(Assignment.objects.filter(ended_at=None).values_list("user_id", "case_id"))


def sees(user: User, case: Case) -> bool:
    return Case.objects.visible_to(user).filter(pk=case.pk).exists()


def test_who_is_given_a_case_sees_it_and_who_is_taken_off_does_not(world: World, colleague: User) -> None:
    case = world.case
    given = actions.assign(case, colleague, by=world.supervisor)
    assert grants() == facts() == {(world.caseworker.pk, case.pk), (colleague.pk, case.pk)}
    assert sees(colleague, case)
    actions.unassign(given, by=world.supervisor)
    assert grants() == facts() == {(world.caseworker.pk, case.pk)}
    assert not sees(colleague, case)


def test_given_twice_is_given_once(world: World, colleague: User) -> None:
    first = actions.assign(world.case, colleague, by=world.supervisor)
    assert actions.assign(world.case, colleague, by=world.supervisor) == first
    assert grants() == facts()
    assert len(facts()) == 2


def test_ended_twice_ends_once(world: World) -> None:
    running = world.case.assignments.get()
    ended = actions.unassign(running, by=world.supervisor)
    assert actions.unassign(ended, by=world.supervisor).ended_at == ended.ended_at
    assert grants() == facts() == set()


def test_an_end_that_comes_late_takes_no_newer_work(world: World) -> None:
    seen_before = world.case.assignments.get()
    actions.unassign(world.case.assignments.get(), by=world.supervisor)
    actions.assign(world.case, world.caseworker, by=world.supervisor)
    actions.unassign(seen_before, by=world.supervisor)
    assert grants() == facts() == {(world.caseworker.pk, world.case.pk)}


def test_given_again_after_the_end(world: World) -> None:
    actions.unassign(world.case.assignments.get(), by=world.supervisor)
    actions.assign(world.case, world.caseworker, by=world.supervisor)
    assert grants() == facts() == {(world.caseworker.pk, world.case.pk)}


@pytest.mark.parametrize("role", ["caseworker2", "provider", "caseworker_br", "admin", "caseworker_shelter"])
def test_nobody_from_outside_the_team_is_given_a_case(world: World, role: str) -> None:
    assert world.case
    with pytest.raises(NotOfTheTeam):
        actions.assign(world.case, getattr(world, role), by=world.supervisor)
    assert grants() == facts() == {(world.caseworker.pk, world.case.pk)}


@pytest.mark.parametrize("role", ["caseworker", "caseworker2", "provider", "admin"])
def test_only_a_supervisor_assigns(world: World, colleague: User, role: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.assign(world.case, colleague, by=getattr(world, role))
    with pytest.raises(PermissionDenied):
        actions.unassign(world.case.assignments.get(), by=getattr(world, role))


def test_the_supervisor_of_another_team_assigns_nobody(world: World, colleague: User) -> None:
    other = member(Role.SUPERVISOR, world.agency, world.other_team, "supervisor-south")
    with pytest.raises(PermissionDenied):
        actions.assign(world.case, colleague, by=other)


def test_who_works_on_a_case_supervises_it_only_in_their_own_team(world: World, login: Any) -> None:
    """Supervisor of South, caseworker in North: the case in North is theirs to work on, not to give away."""
    both = member(Role.SUPERVISOR, world.agency, world.other_team, "both")
    Membership.objects.create(user=both, organization=world.agency, team=world.team, role=Role.CASEWORKER)
    actions.assign(world.case, both, by=world.supervisor)
    page = login(both).get(reverse("cases:case", args=[world.case.pk])).content.decode()
    assign = reverse("cases:assign", args=[world.case.pk])
    assert assign not in page
    assert login(both).get(assign).status_code == 403


def test_the_page_gives_and_takes(world: World, login: Any, colleague: User) -> None:
    client, page = login(world.supervisor), reverse("cases:assign", args=[world.case.pk])
    offered = {pk for pk, _name in client.get(page).context["form"].fields["worker"].choices}
    assert offered == {"", *(str(one.pk) for one in (colleague, world.supervisor, world.caseworker))}
    client.post(page, {"worker": str(colleague.pk)})
    assert sees(colleague, world.case)
    running = Assignment.objects.get(user=colleague)
    client.post(reverse("cases:unassign", args=[world.case.pk, running.pk]))
    assert not sees(colleague, world.case)


def test_the_page_refuses_somebody_from_outside(world: World, login: Any) -> None:
    page = reverse("cases:assign", args=[world.case.pk])
    response = login(world.supervisor).post(page, {"worker": str(world.caseworker2.pk)})
    assert "Select a valid choice" in response.content.decode()


# -- Another team --------------------------------------------------------------------------------------------


def test_another_team_takes_the_case_over(world: World, login: Any, colleague: User) -> None:
    case, south = world.case, member(Role.SUPERVISOR, world.agency, world.other_team, "supervisor-south")
    actions.assign(case, colleague, by=world.supervisor)
    client, move = login(world.supervisor), reverse("cases:move", args=[case.pk])
    assert "Another team" in client.get(reverse("cases:assign", args=[case.pk])).content.decode()
    page = client.post(move, {"team": world.other_team.pk}, follow=True).content.decode()
    assert "The case is with the team South now." in page
    assert grants() == facts() == set()
    assert not any(sees(user, case) for user in (world.caseworker, colleague, world.supervisor))
    assert sees(south, case)
    story = login(south).get(reverse("cases:case", args=[case.pk])).content.decode()
    assert "Given to another team" in story
    assert "does not work on it any more" in story
    actions.assign(Case.objects.get(pk=case.pk), world.caseworker2, by=south)


def test_given_to_another_team_twice_is_once(world: World) -> None:
    both = member(Role.SUPERVISOR, world.agency, world.team, "both")
    Membership.objects.create(
        user=both, organization=world.agency, team=world.other_team, role=Role.SUPERVISOR
    )
    for _ in range(2):
        moved = actions.move(world.case, world.other_team, by=both)
    assert (moved.team, moved.revision) == (world.other_team, 2)
    assert Step.objects.about(moved).count() == 1


@pytest.mark.parametrize("team", ["shelter_team", "team_br"])
def test_a_case_stays_in_its_organisation(world: World, team: str) -> None:
    with pytest.raises(NotATeamHere):
        actions.move(world.case, getattr(world, team), by=world.supervisor)
    assert Case.objects.get(pk=world.case.pk).team == world.team


@pytest.mark.parametrize("role", ["caseworker", "caseworker2", "provider", "admin"])
def test_only_a_supervisor_of_the_team_gives_it_away(world: World, role: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.move(world.case, world.other_team, by=getattr(world, role))
    south = member(Role.SUPERVISOR, world.agency, world.other_team, "supervisor-south")
    with pytest.raises(PermissionDenied):
        actions.move(world.case, world.other_team, by=south)


def test_a_wrong_team_is_said_on_the_page(world: World, login: Any) -> None:
    assert world.other_team
    move = reverse("cases:move", args=[world.case.pk])
    answer = login(world.supervisor).post(move, {"team": world.shelter_team.pk})
    assert "Select a valid choice" in answer.content.decode()


@pytest.mark.parametrize("name", ["unassign", "move"])
def test_an_address_alone_changes_nothing(world: World, login: Any, name: str) -> None:
    """Where the session ended before the button was pressed, signing in again leads to its address."""
    case = world.case
    values = [case.pk, case.assignments.get().pk] if name == "unassign" else [case.pk]
    answer = login(world.supervisor).get(reverse(f"cases:{name}", args=values), follow=True)
    assert answer.redirect_chain == [(reverse("cases:assign", args=[case.pk]), 302)]
    assert "Press the button again." in answer.content.decode()
    assert len(facts()) == 1


def test_old_team_gives_nobody_a_case_that_was_moved_meanwhile(world: World, colleague: User) -> None:
    stale = Case.objects.get(pk=world.case.pk)
    actions.move(world.case, world.other_team, by=world.supervisor)
    with pytest.raises(PermissionDenied):
        actions.assign(stale, colleague, by=world.supervisor)
    assert not sees(colleague, world.case)
