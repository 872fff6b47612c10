"""The administrator says who works in the organisation, and lets nobody in through that, themselves least."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from cases.models import Case
from tests import factories
from tests.factories import World, member
from victimcare import actions
from victimcare.models import Membership, Organization, Role, Team, User

LIST, ADD = "/members/", "/members/add/"


@pytest.fixture
def newcomer(db: None) -> User:
    return factories.user("newcomer")


def works_there(user: User) -> set[str]:
    return set(Membership.objects.active().filter(user=user).values_list("role", flat=True))


def test_somebody_is_added_and_ended_through_the_pages(world: World, login: Any, newcomer: User) -> None:
    client = login(world.admin)
    data = {"username": " newcomer ", "organization": world.agency.pk, "role": "caseworker"}
    page = client.post(ADD, data | {"team": world.team.pk}, follow=True).content.decode()
    assert "User newcomer" in page
    assert works_there(newcomer) == {"caseworker"}
    end = reverse("members:end", args=[Membership.objects.get(user=newcomer).pk])
    assert "Their cases close to them at once" in client.get(end).content.decode()
    assert works_there(newcomer) == {"caseworker"}
    page = client.post(end, follow=True).content.decode()
    assert "What was open to this person here is closed." in page
    assert "User newcomer" not in page
    assert works_there(newcomer) == set()
    ended = Membership.objects.get(user=newcomer)
    assert ended.ended_by == world.admin


def test_ended_twice_is_ended_once(world: World, login: Any) -> None:
    client, membership = login(world.admin), Membership.objects.get(user=world.caseworker)
    end = reverse("members:end", args=[membership.pk])
    client.post(end)
    first = Membership.objects.get(pk=membership.pk).ended_at
    client.post(end)
    assert Membership.objects.get(pk=membership.pk).ended_at == first
    assert "This was ended already." in client.get(end, follow=True).content.decode()


def test_the_room_is_in_the_menu_and_on_the_home_page_of_administrators_only(
    world: World, login: Any
) -> None:
    assert world.caseworker
    assert LIST in login(world.admin).get("/").content.decode()
    assert LIST not in login(world.caseworker).get("/").content.decode()


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "provider", "officer", "coordinator"])
def test_nobody_else_keeps_members(world: World, login: Any, newcomer: User, role: str) -> None:
    user, membership = getattr(world, role), Membership.objects.get(user=world.caseworker)
    client = login(user)
    for address in (LIST, ADD):
        assert client.get(address).status_code == client.post(address).status_code == 403
    end = reverse("members:end", args=[membership.pk])
    # Colleagues are known to each other; who works elsewhere is not.
    answer = 403 if role in {"caseworker", "supervisor"} else 404
    assert client.get(end).status_code == client.post(end).status_code == answer
    with pytest.raises(PermissionDenied):
        actions.end_membership(membership, by=user)
    with pytest.raises(PermissionDenied):
        actions.add_membership(newcomer, world.agency, world.team, Role.CASEWORKER, by=user)


def test_an_administrator_keeps_their_own_organisation_only(world: World, login: Any, newcomer: User) -> None:
    theirs = Membership.objects.get(user=world.provider)
    client = login(world.admin)
    assert "User provider" not in client.get(LIST).content.decode()
    assert client.get(reverse("members:end", args=[theirs.pk])).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.end_membership(theirs, by=world.admin)
    with pytest.raises(PermissionDenied):
        actions.add_membership(newcomer, world.shelter, None, Role.PROVIDER, by=world.admin)


def test_nobody_gives_a_role_to_themselves(world: World, login: Any) -> None:
    assert world.case
    data = {"username": "admin", "organization": world.agency.pk, "role": "supervisor", "team": world.team.pk}
    client = login(world.admin)
    assert "Another administrator has to add you" in client.post(ADD, data).content.decode()
    assert works_there(world.admin) == {"admin"}
    assert not Case.objects.visible_to(world.admin).exists()


def test_nobody_ends_their_own_work_as_administrator(world: World, login: Any) -> None:
    end = reverse("members:end", args=[Membership.objects.get(user=world.admin).pk])
    assert "Another administrator has to do it" in login(world.admin).post(end).content.decode()
    assert works_there(world.admin) == {"admin"}


def test_of_two_administrators_who_end_each_other_one_stays(world: World) -> None:
    other = member(Role.ADMIN, world.agency, None, "admin2")
    mine, theirs = (Membership.objects.get(user=user) for user in (world.admin, other))
    actions.end_membership(theirs, by=world.admin)
    with pytest.raises(PermissionDenied):  # though their request began when they still were one
        actions.end_membership(mine, by=other)
    assert works_there(world.admin) == {"admin"}


FITTING = {
    "agency": {"caseworker", "supervisor", "practitioner", "admin", "privacy"},
    "shelter": {"caseworker", "supervisor", "provider", "practitioner", "admin", "privacy"},
    "clinic": {"provider", "practitioner", "admin"},
    "body": {"officer", "examiner", "coordinator", "analyst", "auditor", "practitioner", "admin"},
}


@pytest.mark.parametrize("place", FITTING)
def test_roles_follow_what_the_organisation_is(world: World, login: Any, newcomer: User, place: str) -> None:
    organization: Organization = getattr(world, place)
    admin = member(Role.ADMIN, organization, None, "keeper")
    team = Team.objects.create(organization=organization, name="One")
    taken = set()
    for role in Role:
        try:
            of = team if role in actions.IN_A_TEAM else None
            actions.add_membership(newcomer, organization, of, role, by=admin)
        except actions.NoSuchRoleHere:
            continue
        taken.add(role.value)
    assert taken == works_there(newcomer) == FITTING[place]
    offered = login(admin).get(ADD).context["form"].fields["role"].choices
    assert {value for value, _label in offered if value} == taken


def test_cases_are_worked_on_in_a_team_of_the_organisation(world: World, newcomer: User) -> None:
    for team in (None, world.shelter_team):
        with pytest.raises(ValidationError, match="team"):
            actions.add_membership(newcomer, world.agency, team, Role.CASEWORKER, by=world.admin)
    with pytest.raises(ValidationError, match="no team"):
        actions.add_membership(newcomer, world.agency, world.team, Role.PRACTITIONER, by=world.admin)
    assert works_there(newcomer) == set()


def test_the_same_twice_is_said_in_words(world: World, login: Any) -> None:
    assert world.caseworker
    data = {"username": "caseworker", "organization": world.agency.pk, "role": "caseworker"}
    page = login(world.admin).post(ADD, data | {"team": world.team.pk}).content.decode()
    assert "This person has this role here already." in page


@pytest.mark.parametrize("username", ["nobody", "inactive"])
def test_an_account_that_may_not_sign_in_is_not_added(world: World, login: Any, username: str) -> None:
    factories.user("inactive", is_active=False)
    data = {"username": username, "organization": world.agency.pk, "role": "practitioner"}
    page = login(world.admin).post(ADD, data).content.decode()
    assert "There is no account with this user name." in page
