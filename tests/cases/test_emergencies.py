"""Emergency access opens one case, for hours; its end comes by the clock. Nothing runs for it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from cases.access import kinds_shown
from cases.models import Case, EmergencyAccess
from tests import factories
from tests.factories import World, member
from victimcare.kinds import DataKind
from victimcare.models import Membership, Role, User

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _made_before(world: World) -> None:
    """What is made inside a refused statement would go with it."""
    for name in ("case", "caseworker2", "supervisor"):
        getattr(world, name)


def opened(world: World, user: User, **values: Any) -> EmergencyAccess:
    now = timezone.now()
    told = {
        "case": world.case,
        "subject_key_id": world.case.subject_key_id,
        "organization": world.case.organization,
        "number": world.case.number,
        "user": user,
        "opened_by": user,
        "opened_at": now,
        "until": now + HOUR,
        "reason": "life_in_danger",
        "stage": "whole",
        "whole_at": now,
        "whole_by": user,
    }
    return EmergencyAccess.objects.create(**(told | values))


def sees(user: User, case: Case) -> bool:
    return Case.objects.visible_to(User.objects.get(pk=user.pk)).filter(pk=case.pk).exists()


def test_it_opens_that_case_and_no_other(world: World, login: Any) -> None:
    other = factories.case(world.team, world.caseworker)
    opened(world, world.caseworker2)
    assert sees(world.caseworker2, world.case)
    assert not sees(world.caseworker2, other)
    assert login(world.caseworker2).get(reverse("cases:case", args=[world.case.pk])).status_code == 200


def test_it_shows_all_but_counselling_notes(world: World) -> None:
    opened(world, world.caseworker2)
    assert kinds_shown(world.caseworker2, world.case) == frozenset(DataKind) - {DataKind.COUNSELLING}


def test_it_shows_nothing_to_a_colleague(world: World) -> None:
    opened(world, world.caseworker2)
    colleague = member(Role.CASEWORKER, world.agency, world.other_team)
    assert kinds_shown(colleague, world.case) == frozenset()


@pytest.mark.parametrize(
    ("minutes", "open_now"), [(-1, False), (0, True), (59, True), (60, False), (61, False)]
)
def test_it_begins_and_ends_by_the_clock(
    world: World, login: Any, monkeypatch: Any, minutes: int, open_now: bool
) -> None:
    access, client = opened(world, world.caseworker2), login(world.caseworker2)
    moved = access.opened_at + timedelta(minutes=minutes)
    # Of emergencies alone: the session would be over as well.
    for module in ("emergencies", "cases"):
        monkeypatch.setattr(f"cases.models.{module}.timezone", SimpleNamespace(now=lambda: moved))
    assert sees(world.caseworker2, world.case) is open_now
    shown = client.get(reverse("cases:case", args=[world.case.pk])).status_code
    assert shown == (200 if open_now else 404)
    assert bool(kinds_shown(world.caseworker2, world.case)) is open_now


def test_taken_back_it_opens_nothing(world: World) -> None:
    opened(world, world.caseworker2, retired_at=timezone.now(), retired_by=world.supervisor)
    assert not sees(world.caseworker2, world.case)


@pytest.mark.parametrize("role", ["admin", "officer", "caseworker_br", "provider", "caseworker_shelter"])
def test_it_opens_nothing_where_the_user_works_with_no_cases(world: World, role: str) -> None:
    opened(world, getattr(world, role))
    assert not sees(getattr(world, role), world.case)
    assert kinds_shown(getattr(world, role), world.case) == frozenset()


def test_it_ends_with_the_last_work_in_the_organisation(world: World) -> None:
    opened(world, world.caseworker2)
    membership = Membership.objects.get(user=world.caseworker2)
    membership.ended_at, membership.ended_by = timezone.now(), world.admin
    membership.save()
    assert not sees(world.caseworker2, world.case)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"until": timedelta(hours=24, seconds=1)}, "emergency_of_hours"),
        ({"until": timedelta(0)}, "emergency_of_hours"),
        ({"until": -HOUR}, "emergency_of_hours"),
    ],
)
def test_the_database_refuses_more_than_hours(world: World, values: Any, constraint: str) -> None:
    now = timezone.now()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        opened(world, world.caseworker2, opened_at=now, until=now + values["until"])
    opened(world, world.caseworker2, opened_at=now, until=now + timedelta(hours=24))


def test_the_database_refuses_one_opened_for_somebody_else(world: World) -> None:
    with pytest.raises(IntegrityError, match="emergency_opened_by_who"), transaction.atomic():
        opened(world, world.caseworker2, opened_by=world.supervisor)


def test_the_database_refuses_one_under_another_persons_key(world: World) -> None:
    other = factories.case(world.other_team, world.caseworker2)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="emergencyaccess_of_its_case"), transaction.atomic():
        opened(world, world.caseworker2, subject_key_id=other.subject_key_id)


def test_a_colleague_of_the_case_sees_that_it_was_opened(world: World) -> None:
    access = opened(world, world.caseworker2)
    assert list(EmergencyAccess.objects.visible_to(world.caseworker)) == [access]
    stranger = member(Role.CASEWORKER, world.agency, world.other_team, "stranger")
    assert not EmergencyAccess.objects.visible_to(stranger).exists()
