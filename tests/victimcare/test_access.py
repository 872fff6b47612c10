"""Facts give access and take it away; nobody is above the rules."""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases import actions
from cases.access import COUNSEL, WORK, CaseGrant
from cases.models import Case
from certification.access import may_keep_schemes
from tests import factories
from victimcare import access
from victimcare.models import Membership, Role, User


def again(user: User) -> User:
    """The same user in the next request."""
    return User.objects.get(pk=user.pk)


def test_caseworker_sees_own_cases_and_colleague_does_not(world):
    case = world.case
    assert list(Case.objects.visible_to(world.caseworker)) == [case]
    for other in (world.caseworker2, world.caseworker_br, world.provider, world.officer, world.admin):
        assert not Case.objects.visible_to(other).exists()


def test_supervisor_sees_the_teams_cases_only(world):
    case = world.case
    factories.case(world.other_team, world.caseworker2)
    assert list(Case.objects.visible_to(world.supervisor)) == [case]


def test_membership_that_ended_opens_nothing(world):
    assert world.case in Case.objects.visible_to(world.caseworker)
    membership = Membership.objects.get(user=world.caseworker)
    membership.ended_at, membership.ended_by = timezone.now(), world.supervisor
    membership.save()
    assert not Case.objects.visible_to(again(world.caseworker)).exists()


def test_inactive_user_holds_nothing(world):
    world.caseworker.is_active = False
    assert not access.has(world.caseworker, "cases.work")


def test_who_is_not_signed_in_holds_nothing():
    assert access.memberships(AnonymousUser()) == []
    assert not access.has(AnonymousUser(), "cases.work")


def test_memberships_are_read_once_for_a_request(world, django_assert_num_queries):
    user, state = again(world.caseworker), world.state
    with django_assert_num_queries(1):
        assert [one.team for one in access.memberships(user)] == [world.team]
        assert access.memberships(user)[0].organization.member_state == state


@pytest.fixture
def in_two_places(world):
    """A caseworker of the agency's team, and later an officer of the certifying body in Brazil."""
    body = factories.organization("BR", is_certifying_body=True)
    Membership.objects.create(user=world.caseworker, organization=body, role=Role.OFFICER)
    return again(world.caseworker), body


def test_each_permission_is_held_where_its_role_is(world, in_two_places):
    user, body = in_two_places
    for permission, place, teams in (
        ("cases.work", world.agency, {world.team.pk}),
        ("certification.review", body, set()),
        ("cases.assign", None, set()),
    ):
        places = [place] if place else []
        assert [one.organization for one in access.memberships_with(user, permission)] == places
        assert access.workplaces(user, permission) == places
        assert access.organizations_with(user, permission) == {one.pk for one in places}
        assert access.states_with(user, permission) == {one.member_state_id for one in places}
        assert access.teams_with(user, permission) == teams
        assert access.has(user, permission) is bool(place)


def test_workplace_is_where_somebody_began_first(world, in_two_places):
    user, body = in_two_places
    assert access.workplace(user) == world.agency
    membership = Membership.objects.get(user=user, organization=body)
    membership.started_at -= timedelta(days=1)
    membership.save()
    assert access.workplace(again(user)) == body
    assert access.workplace(factories.user()) is None


def test_a_permission_is_asked_for_somewhere_or_in_one_place(world):
    access.require(world.caseworker, "cases.work")
    with pytest.raises(PermissionDenied):
        access.require(world.caseworker, "cases.assign")
    assert access.can(world.supervisor, "cases.assign", world.agency.pk) is True
    assert access.can(world.supervisor, "cases.assign", world.shelter.pk) is False


def test_a_coordinator_keeps_the_schemes_of_their_member_state(world):
    elsewhere = factories.organization("BR", is_certifying_body=True)
    assert may_keep_schemes(world.coordinator, world.body) is True
    assert may_keep_schemes(world.coordinator, elsewhere) is False
    assert may_keep_schemes(world.officer, world.body) is False


def test_roles_are_told_what_they_may_do_and_are_shown_once_by_each_app(monkeypatch):
    monkeypatch.setattr(access, "_permissions", defaultdict(set))
    monkeypatch.setattr(access, "_kinds", [])
    shown = access.Shown("anything", frozenset())
    access.register({Role.ADMIN: frozenset({"first.may"})}, {"a grant": shown})
    access.register({Role.ADMIN: frozenset({"second.may"}), Role.AUDITOR: frozenset({"second.may"})})
    assert access.permissions_of(Role.ADMIN) == {"first.may", "second.may"}
    assert set(access.roles_with("second.may")) == {Role.ADMIN, Role.AUDITOR}
    assert access.kinds_table() == [("a grant", shown)]


def test_permission_is_held_in_one_organisation_not_in_another(world):
    access.require(world.caseworker, "cases.open", world.agency.pk)
    with pytest.raises(PermissionDenied):
        access.require(world.caseworker, "cases.open", world.shelter.pk)


def test_grant_outside_the_allow_list_is_refused(world):
    with pytest.raises(ValueError, match="not a grant"):
        access.grant(CaseGrant, world.caseworker2, {"delete_case"}, world.case)


def test_withdrawn_grant_closes_the_record(world):
    case = world.case
    access.withdraw(CaseGrant, world.caseworker, {"work_on_case"}, case)
    assert not Case.objects.visible_to(world.caseworker).exists()


def test_a_withdrawn_grant_leaves_those_of_others_and_of_other_records(world):
    case, other = world.case, factories.case(world.team, world.caseworker)
    actions.assign(case, world.supervisor, by=world.supervisor)
    access.grant(CaseGrant, world.supervisor, {WORK}, case)  # a second time, and still one
    access.withdraw(CaseGrant, world.caseworker, {WORK}, case)
    assert access.granted_on(CaseGrant, world.caseworker, case) == {COUNSEL}
    assert access.granted_on(CaseGrant, world.caseworker, other) == {WORK, COUNSEL}
    assert access.granted_on(CaseGrant, world.supervisor, case) == {WORK}


def test_the_records_opened_to_somebody_are_found_by_what_for(world):
    other = factories.case(world.team, world.supervisor)
    access.withdraw(CaseGrant, world.caseworker, {COUNSEL}, world.case)

    def opened(user, codename):
        return set(Case.objects.filter(pk__in=access.granted(CaseGrant, user.pk, codename)))

    assert opened(world.caseworker, WORK) == {world.case}
    assert opened(world.caseworker, COUNSEL) == set()
    assert opened(world.supervisor, COUNSEL) == {other}


def test_nobody_can_be_made_superuser(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="root", name="Root", is_superuser=True)


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_work_on_cases_hold_a_permission_of_cases(role):
    holds = any(name.startswith("cases.") for name in access.permissions_of(role))
    # A data-protection officer reviews what was opened in emergencies.
    assert holds == (role in {Role.CASEWORKER, Role.SUPERVISOR, Role.PRIVACY})


def test_addresses_follow_their_tier(world):
    place = world.offer.location
    outsider, insider = world.practitioner, world.provider
    for tier, sender, stranger in (
        ("public", True, True),
        ("partner", True, False),
        ("confidential", False, False),
    ):
        place.tier = tier
        assert access.may_read_address(world.caseworker, place) is sender
        assert access.may_read_address(world.coordinator, place) is stranger
        assert access.may_read_address(insider, place)
        assert access.may_read_address(outsider, place)


def test_functions_of_the_database_look_for_temporary_tables_last(world):
    """Else a temporary table of the same name would stand for the real one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, proconfig[1] FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND (proname LIKE 'victimcare%' OR proname LIKE 'certification%' OR proname LIKE 'referrals%')"
        )
        paths = dict(cursor.fetchall())
    assert len(paths) >= 3
    assert {name for name, path in paths.items() if not path.endswith("pg_temp")} == set()


@pytest.mark.parametrize("table", ["guardian_userobjectpermission", "guardian_groupobjectpermission"])
def test_the_generic_grants_of_guardian_are_closed_to_the_application(world, as_application, table):
    with as_application(), connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'SELECT, INSERT, UPDATE, DELETE')", [table])
        assert cursor.fetchone() == (False,)
