"""After each action that touches grants, the whole set of them is as its facts say: no more, and no fewer."""

from typing import Any

import pytest
from django.utils import timezone

from cases import actions
from cases.access import CaseGrant
from cases.models import Assignment, Case, Person
from tests import factories
from tests.factories import World, member
from tests.grants import COUNSEL, WORK, all_grants, grants_of
from victimcare.actions import end_membership
from victimcare.models import Membership, Role, User


@pytest.fixture
def colleague(world: World) -> User:
    return member(Role.CASEWORKER, world.agency, world.team, "colleague")


def opened(world: World, by: User, assign_to: User | None, **values: Any) -> Case:
    case = Case(team=world.team, opened_on=timezone.localdate())
    return actions.open_case(
        person=Person(given_names="Inés"),
        case=case,
        enrolments=["victim"],
        assign_to=assign_to,
        by=by,
        **values,
    )[0]


def of_facts() -> set[tuple[str, str, str]]:
    """What the running assignments say that the grants are."""
    running = Assignment.objects.filter(ended_at=None)
    facts = running.values_list("case__number", "user__username", "counsels")
    works = {(number, name, WORK) for number, name, _counsels in facts}
    return works | {(number, name, COUNSEL) for number, name, counsels in facts if counsels}


def test_who_opens_a_case_for_themselves_counsels_in_it(world: World) -> None:
    case = opened(world, world.caseworker, world.caseworker)
    assert grants_of(case) == {("caseworker", WORK), ("caseworker", COUNSEL)}
    assert all_grants() == of_facts()


@pytest.mark.parametrize("counsels", [False, True])
def test_who_is_given_an_opened_case_counsels_only_if_it_says_so(world: World, counsels: bool) -> None:
    case = opened(world, world.supervisor, world.caseworker, counsels=counsels)
    assert grants_of(case) == {("caseworker", WORK)} | ({("caseworker", COUNSEL)} if counsels else set())
    assert all_grants() == of_facts()


def test_a_case_for_nobody_has_no_grant(world: World) -> None:
    opened(world, world.supervisor, None)
    assert all_grants() == of_facts() == set()


def test_assigned_assigned_to_counsel_and_counselling_taken_back(world: World, colleague: User) -> None:
    case, owner = world.case, {("caseworker", WORK), ("caseworker", COUNSEL)}
    for counsels in (False, True, True, False):
        actions.assign(case, colleague, by=world.supervisor, counsels=counsels)
        extra = {("colleague", COUNSEL)} if counsels else set()
        assert grants_of(case) == owner | {("colleague", WORK)} | extra
        assert all_grants() == of_facts()
    assert case.assignments.filter(user=colleague).count() == 1


def test_unassigned(world: World, colleague: User) -> None:
    case = world.case
    given = actions.assign(case, colleague, by=world.supervisor, counsels=True)
    actions.unassign(given, by=world.supervisor)
    assert grants_of(case) == {("caseworker", WORK), ("caseworker", COUNSEL)}
    actions.unassign(case.assignments.get(user=world.caseworker), by=world.supervisor)
    assert all_grants() == of_facts() == set()


def test_given_anew_without_counselling_it_stays_closed(world: World) -> None:
    actions.unassign(world.case.assignments.get(), by=world.supervisor)
    actions.assign(world.case, world.caseworker, by=world.supervisor)
    assert grants_of(world.case) == {("caseworker", WORK)}


def test_moved_to_another_team(world: World, colleague: User) -> None:
    actions.assign(world.case, colleague, by=world.supervisor, counsels=True)
    other = factories.case(world.team, world.caseworker)
    actions.move(world.case, world.other_team, by=world.supervisor)
    assert grants_of(world.case) == set()
    assert grants_of(other) == {("caseworker", WORK), ("caseworker", COUNSEL)}
    assert all_grants() == of_facts()


def test_left(world: World, colleague: User) -> None:
    actions.assign(world.case, colleague, by=world.supervisor, counsels=True)
    factories.case(world.team, world.caseworker)
    end_membership(Membership.objects.get(user=world.caseworker), by=world.admin)
    assert all_grants() == of_facts()
    assert all_grants() == {(world.case.number, "colleague", WORK), (world.case.number, "colleague", COUNSEL)}


def test_a_grant_too_many_is_noticed(world: World) -> None:
    """The planted fault: the whole set differs as soon as one grant was not withdrawn."""
    actions.assign(world.case, world.supervisor, by=world.supervisor)
    CaseGrant.objects.filter(user=world.supervisor).delete()
    assert all_grants() != of_facts()
