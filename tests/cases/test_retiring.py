"""What was entered by mistake is taken away: asked first, once, and kept in history."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from cases import actions
from cases.actions.children import CaseClosed
from cases.models import ContactPoint, Incident, Party, SubstanceUse
from tests import factories
from tests.factories import World
from victimcare.records import TakenAway

NAMES = ["party", "incident", "substance", "contact"]


def made(world: World, name: str) -> Any:
    case, by = world.case, world.caseworker
    if name == "party":
        return actions.add_party(case, Party(role="witness", name="Rosa Huanca"), by=by)[0]
    if name == "incident":
        return actions.add_incident(case, Incident(iccs_code="0101", place="A park"), by=by)[0]
    if name == "substance":
        return actions.add_substance(case, SubstanceUse(icd11_code="6C40"), by=by)[0]
    told = ContactPoint(contact_kind="mobile", value="11 2345 6789", safety="safe")
    return actions.add_contact(case, told, by=by)[0]


def address(world: World, name: str, step: str, child: Any) -> str:
    return reverse(f"cases:{name}_{step}", args=[world.case.pk, child.pk])


@pytest.mark.parametrize("name", NAMES)
def test_it_is_asked_first_and_done_once(world, login, name):
    child, client = made(world, name), login(world.caseworker)
    retire = address(world, name, "retire", child)
    assert retire in client.get(address(world, name, "edit", child)).content.decode()
    assert "Take it away?" in client.get(retire).content.decode()
    assert type(child).objects.current().count() == 1
    assert client.post(retire).status_code == 302
    for again in (client.post, client.get):
        answer = again(retire, follow=True)
        assert answer.redirect_chain == [(reverse("cases:case", args=[world.case.pk]), 302)]
        assert "This was taken away already." in answer.content.decode()
    child.refresh_from_db()
    assert (child.retired_by, child.history.count()) == (world.caseworker, 2)
    assert (
        address(world, name, "edit", child)
        not in client.get(reverse("cases:case", args=[world.case.pk])).content.decode()
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_hangs_on_another_case_is_not_found(world, login, name):
    child, other = made(world, name), factories.case(world.team, world.caseworker)
    path = reverse(f"cases:{name}_retire", args=[other.pk, child.pk])
    assert login(world.caseworker).post(path).status_code == 404


def test_the_action_is_done_once_and_only_by_who_works_on_cases(world):
    party = made(world, "party")
    with pytest.raises(PermissionDenied):
        actions.retire(party, by=world.provider)
    first = actions.retire(party, by=world.caseworker)
    assert actions.retire(party, by=world.supervisor).retired_at == first.retired_at


def test_nothing_is_taken_from_a_closed_case(world):
    party, now = made(world, "party"), timezone.now()
    case = world.case
    case.status, case.closure_asked_by, case.closure_asked_at = "closed", world.caseworker, now
    case.closed_by, case.closed_at = world.supervisor, now
    case.save()
    with pytest.raises(CaseClosed):
        actions.retire(party, by=world.caseworker)


def test_what_was_taken_away_meanwhile_is_not_changed(world):
    way = made(world, "contact")
    retired = actions.retire_contact(way, by=world.caseworker)
    for revision in (way.revision, retired.revision):
        with pytest.raises(TakenAway):
            actions.change_contact(way, by=world.caseworker, revision=revision, safety="unsafe")
    assert ContactPoint.objects.get(pk=way.pk).safety == "safe"
