"""Facts give access and take it away; nobody is above the rules."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.access import CaseGrant
from cases.models import Case
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


def test_permission_is_held_in_one_organisation_not_in_another(world):
    access.require(world.caseworker, "cases.open", world.agency.pk)
    with pytest.raises(PermissionDenied):
        access.require(world.caseworker, "cases.open", world.shelter.pk)


def test_grant_outside_the_allow_list_is_refused(world):
    with pytest.raises(ValueError, match="not a grant"):
        access.grant(CaseGrant, world.caseworker2, "delete_case", world.case)


def test_withdrawn_grant_closes_the_record(world):
    case = world.case
    access.withdraw(CaseGrant, world.caseworker, "work_on_case", case)
    assert not Case.objects.visible_to(world.caseworker).exists()


def test_nobody_can_be_made_superuser(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="root", name="Root", is_superuser=True)


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_work_on_cases_hold_a_permission_of_cases(role):
    holds = any(name.startswith("cases.") for name in access.permissions_of(role))
    assert holds == (role in {Role.CASEWORKER, Role.SUPERVISOR})


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
