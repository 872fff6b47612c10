"""Who leaves works on nothing there any more: within the same transaction, fact and grants together."""

from typing import Any

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Assignment, Case
from tests import factories
from tests.factories import World, member
from tests.grants import COUNSEL, WORK, grants_of
from victimcare import acting
from victimcare.actions import add_membership, end_membership
from victimcare.models import AccessEntry, Membership, Role, User


def membership(user: User, **values: Any) -> Membership:
    return Membership.objects.get(user=user, **values)


def again(user: User) -> User:
    """The same user in the next request."""
    return User.objects.get(pk=user.pk)


def leaves(world: World, user: User, **values: Any) -> None:
    with acting.as_user(world.admin):
        end_membership(membership(user, **values), by=world.admin)


def test_the_cases_close_at_once_and_the_supervisor_sees_which_have_nobody(world: World, login: Any) -> None:
    case, client = world.case, login(world.caseworker)
    address = reverse("cases:case", args=[case.pk])
    assert client.get(address).status_code == 200
    leaves(world, world.caseworker)
    assert client.get(address).status_code == 404  # the session lives, and opens nothing
    assert client.get(reverse("cases:caseload")).status_code == 403
    assert grants_of(case) == set()
    ended = Assignment.objects.get(case=case)
    assert (ended.ended_by, ended.counsels) == (world.admin, True)
    assert list(Case.objects.visible_to(world.supervisor).unassigned()) == [case]


def test_history_and_log_name_who_did_it(world: World) -> None:
    assert world.case
    leaves(world, world.caseworker)
    ended = Assignment.objects.get(case=world.case)
    assert ended.history.first().history_user == world.admin
    assert AccessEntry.objects.about(ended).get(action="change").by == world.admin


def test_cases_of_colleagues_and_other_organisations_stay_open(world: World) -> None:
    colleague = member(Role.CASEWORKER, world.agency, world.team, "colleague")
    actions.assign(world.case, colleague, by=world.supervisor)
    Membership.objects.create(
        user=world.caseworker, organization=world.shelter, team=world.shelter_team, role=Role.CASEWORKER
    )
    elsewhere = factories.case(world.shelter_team, world.caseworker)
    leaves(world, world.caseworker, organization=world.agency)
    assert grants_of(world.case) == {("colleague", WORK)}
    assert grants_of(elsewhere) == {("caseworker", WORK), ("caseworker", COUNSEL)}
    assert list(Case.objects.visible_to(again(world.caseworker))) == [elsewhere]


def test_who_leaves_one_of_two_teams_keeps_the_cases_of_the_other(world: World) -> None:
    Membership.objects.create(
        user=world.caseworker, organization=world.agency, team=world.other_team, role=Role.CASEWORKER
    )
    kept = factories.case(world.other_team, world.caseworker)
    assert world.case
    leaves(world, world.caseworker, team=world.team)
    assert grants_of(world.case) == set()
    assert grants_of(kept) == {("caseworker", WORK), ("caseworker", COUNSEL)}


def test_who_still_works_in_the_team_in_another_role_keeps_the_cases(world: World) -> None:
    Membership.objects.create(
        user=world.caseworker, organization=world.agency, team=world.team, role=Role.SUPERVISOR
    )
    assert world.case
    leaves(world, world.caseworker, role=Role.CASEWORKER)
    assert grants_of(world.case) == {("caseworker", WORK), ("caseworker", COUNSEL)}
    leaves(world, world.caseworker, role=Role.SUPERVISOR)
    assert grants_of(world.case) == set()


def test_a_role_without_cases_ends_no_work_on_cases(world: World) -> None:
    Membership.objects.create(user=world.caseworker, organization=world.agency, role=Role.PRACTITIONER)
    assert world.case
    leaves(world, world.caseworker, role=Role.PRACTITIONER)
    assert grants_of(world.case) == {("caseworker", WORK), ("caseworker", COUNSEL)}


def test_who_comes_back_finds_nothing_open(world: World) -> None:
    assert world.case
    leaves(world, world.caseworker)
    with acting.as_user(world.admin):
        add_membership(world.caseworker, world.agency, world.team, Role.CASEWORKER, by=world.admin)
    assert not Case.objects.visible_to(again(world.caseworker)).exists()
    assert grants_of(world.case) == set()


def test_all_or_nothing(world: World, monkeypatch: Any) -> None:
    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    assert world.case
    monkeypatch.setattr("cases.actions.departures.end_work", breaks)
    with pytest.raises(RuntimeError):
        leaves(world, world.caseworker)
    assert membership(world.caseworker).ended_at is None
    assert Case.objects.visible_to(again(world.caseworker)).exists()
