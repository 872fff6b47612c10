"""What the home page says of cases: counts and numbers, no names."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests import factories
from tests.factories import World


def home(world: World, login: Any, role: str) -> str:
    page: str = login(getattr(world, role)).get("/").content.decode()
    return page


def test_a_caseworker_sees_what_runs(world: World, login: Any) -> None:
    intake = factories.case(world.team, world.caseworker, status="intake")
    page = home(world, login, "caseworker")
    assert "My cases" in page
    assert intake.number in page
    assert "1 case in intake" in page
    assert "Ximena" not in page
    assert "Waiting for you" not in page


def test_a_supervisor_sees_what_waits(world: World, login: Any) -> None:
    asked = {"status": "closing", "closure_asked_at": timezone.now()}
    waits = factories.case(world.team, world.caseworker, closure_asked_by=world.caseworker, **asked)
    own = factories.case(world.team, world.caseworker, closure_asked_by=world.supervisor, **asked)
    factories.case(world.team)
    page = home(world, login, "supervisor")
    assert "1 closure to approve" in page
    assert "1 case that nobody works on" in page
    assert waits.number in page
    assert own.number not in page
    assert "My cases" not in page


def test_nothing_waits(world: World, login: Any) -> None:
    assert "Nothing waits for you." in home(world, login, "supervisor")


def test_the_menu_follows_the_role(world: World, login: Any) -> None:
    assert "Find or open a case" in home(world, login, "caseworker")
    assert "Find or open a case" not in home(world, login, "officer")


def test_the_most_urgent_case_stands_first_and_then_the_one_that_rested_longest(
    world: World, login: Any
) -> None:
    today = timezone.localdate()
    opened = [
        ("routine", today - timedelta(days=300)),
        ("emergency", today),
        ("soon", today - timedelta(days=20)),
        ("soon", today - timedelta(days=2)),
    ]
    routine, emergency, old, new = (
        factories.case(world.team, world.caseworker, urgency=urgency, opened_on=day)
        for urgency, day in opened
    )
    page = home(world, login, "caseworker")
    assert page.index(emergency.number) < page.index(old.number) < page.index(new.number)
    assert routine.number not in page
    assert "Emergency (today)" in page
