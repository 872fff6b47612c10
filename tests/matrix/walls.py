"""The application's wall taken away, by patching, in tests only: everybody is shown all and may do all."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.db.models import QuerySet

import cases.access
from certification.models import Application, Credential
from certification.views import register
from tests.matrix.world import World
from tests.prepared import written_anew
from victimcare import access
from victimcare.workflow import Workflow

PRODUCT = ("victimcare", "certification", "cases", "referrals")
# What querysets narrow to a user by. Retired records stay away: that is no question of whose they are.
NARROWING = (
    "visible_to", "sent_from", "received_by", "at_bodies_of", "of_applicant", "of_members",
    # The same, of whom a prepared query asks for.
    "seen", "sent", "received", "worked_on", "lying_at",
)  # fmt: skip
# (where, name, what it answers to everybody)
LET_THROUGH: tuple[tuple[Any, str, Any], ...] = (
    (access, "has", True),
    (access, "can", True),
    (access, "require", None),
    (access, "may_read_address", True),
    (cases.access, "allows", True),
    (cases.access, "require", None),
    (register, "_may_read_name", True),
    (Workflow, "permits", True),
    (cases.models.Case, "permits", True),
    (Application, "may_write", True),
    (Application, "is_applicant", False),
    (Application, "took_part", False),
    (Credential, "is_holder", False),
)


@contextmanager
def wall1_off(world: World) -> Iterator[None]:
    """Every filter by user shows all, every permission is held, in every organisation, team and state."""
    with ExitStack() as stack:
        for queryset in _querysets(QuerySet):
            for name in NARROWING:
                if name in vars(queryset):
                    stack.enter_context(mock.patch.object(queryset, name, _unfiltered))
        for owner, name, answer in LET_THROUGH:
            _let_through(stack, owner, name, answer)
        for name, found in _everywhere(world).items():
            stack.enter_context(mock.patch.object(access, name, lambda *args, found=found: set(found)))
        stack.enter_context(
            mock.patch.object(access, "memberships_with", lambda user, _: access.memberships(user))
        )
        stack.enter_context(written_anew())
        yield


def _querysets(base: type[QuerySet]) -> Iterator[type[QuerySet]]:
    for one in base.__subclasses__():
        yield one
        yield from _querysets(one)


def _unfiltered(self: Any, *args: Any, **kwargs: Any) -> Any:
    return self.current() if hasattr(self, "current") and _is_record(self.model) else self.all()


def _is_record(model: Any) -> bool:
    return any(field.name == "retired_at" for field in model._meta.fields)


def _let_through(stack: ExitStack, owner: Any, name: str, answer: Any) -> None:
    """There, in its subclasses, and wherever a module took it in by name."""
    original = getattr(owner, name)

    def everybody(*args: Any, **kwargs: Any) -> Any:
        return answer

    for place in _places(owner, name, original):
        stack.enter_context(mock.patch.object(place, name, everybody))


def _places(owner: Any, name: str, original: Any) -> list[Any]:
    if isinstance(owner, type):
        return [one for one in (owner, *_subclasses(owner)) if name in vars(one)]
    product = [module for key, module in sys.modules.items() if key.partition(".")[0] in PRODUCT]
    return [module for module in product if vars(module).get(name) is original]


def _subclasses(owner: type) -> Iterator[type]:
    for one in owner.__subclasses__():
        yield one
        yield from _subclasses(one)


def _everywhere(world: World) -> dict[str, set[Any]]:
    places = world.places
    organizations = (
        places.agency, places.shelter, places.clinic, places.body, places.other_agency, places.other_body,
        places.agency_br, places.provider_abroad,
    )  # fmt: skip
    teams = (places.team, places.other_team, places.shelter_team, places.other_agency_team, places.team_br)
    return {
        "organizations_with": {one.pk for one in organizations},
        "teams_with": {one.pk for one in teams},
        "states_with": {"AR", "BR"},
    }
