"""Instances of prepared queries are those that Django makes, but for what is joined: that is made once."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.signals import post_init

from cases.models import Case, Person
from tests import factories
from victimcare import acting, prepared
from victimcare.instances import Special
from victimcare.models import Membership, Role, Team, User
from victimcare.prepared import Prepared, Uuids, among

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten():
    """Queries of a test are not asked by others."""
    before = list(prepared.ALL)
    yield
    prepared.ALL[:] = before


def test_every_column_is_as_django_reads_it(world):
    case = world.case
    with acting.as_user(world.caseworker):
        for model, pk in ((Case, case.pk), (Person, case.person_id), (User, world.caseworker.pk)):
            query = Prepared(lambda pk, model=model: model.objects.filter(pk=pk), pk=UUID)
            [found], django = query(pk=pk), model.objects.get(pk=pk)
            assert found == django
            for field in model._meta.concrete_fields:
                assert getattr(found, field.attname) == getattr(django, field.attname), field
            assert not found._state.adding
            assert found._state.db == "default"


def test_what_is_joined_is_made_once_and_what_is_missing_is_none(world):
    for number in range(3):
        factories.member(Role.CASEWORKER, world.agency, world.team, f"colleague{number}")
    query = Prepared(
        lambda team: Membership.objects.filter(team=team).select_related("team__organization", "ended_by"),
        team=UUID,
    )
    with acting.as_user(world.supervisor):
        found = query(team=world.team.pk)
    assert len(found) > 3
    assert len({id(one.team) for one in found}) == len({id(one.team.organization) for one in found}) == 1
    assert {one.team for one in found} == {world.team}
    assert {one.ended_by for one in found} == {None}


def test_every_row_has_its_own_joined(world):
    query = Prepared(
        lambda ids: Team.objects.filter(among("pk", ids)).select_related("organization"), ids=Uuids
    )
    found = query(ids=[world.team.pk, world.shelter_team.pk])
    assert {one.organization for one in found} == {world.agency, world.shelter}
    assert all(one.organization.pk == one.organization_id for one in found)


def test_what_is_not_read_is_read_when_it_is_asked_for(world, django_assert_num_queries):
    team = world.team
    query = Prepared(lambda pk: Team.objects.filter(pk=pk).only("id"), pk=UUID)
    [found] = query(pk=team.pk)
    with django_assert_num_queries(1):
        assert found.name == team.name


def test_what_is_computed_beside_it_comes_with_it(world):
    team = world.team
    query = Prepared(lambda pk: Team.objects.filter(pk=pk).annotate(seven=Value(7)), pk=UUID)
    assert query(pk=team.pk)[0].seven == 7


def test_a_model_that_watches_how_it_is_made_is_refused():
    def watch(**kwargs):
        """Listens, as an image field does to learn its size."""

    post_init.connect(watch, sender=Team)
    try:
        with pytest.raises(Special):
            Prepared(lambda pk: Team.objects.filter(pk=pk), pk=UUID)(pk=uuid4())
    finally:
        post_init.disconnect(watch, sender=Team)


def test_ids_are_read_as_they_are():
    ids = [uuid4() for _ in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::uuid, NULL::uuid, %s::uuid[], '{}'::uuid[], NULL::uuid[]", [ids[0], ids])
        assert cursor.fetchone() == (ids[0], None, ids, [], None)
