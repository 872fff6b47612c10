"""Queries that are written once: asked with other values they answer as Django's own, and none can keep one
person's ids or one moment for everybody.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from tests import factories
from victimcare import acting, prepared
from victimcare.models import Membership, Role, User
from victimcare.prepared import Baked, Prepared, Texts, Uuids, among

pytestmark = pytest.mark.django_db


def test_each_call_asks_with_its_own_values():
    one, other = factories.user(), factories.user()
    query = Prepared(lambda user: User.objects.filter(pk=user), user=UUID)
    assert query(user=one.pk) == [one]
    assert query.first(user=other.pk) == other
    assert query.first(user=uuid4()) is None


def test_lists_may_be_of_any_length():
    users = [factories.user() for _ in range(3)]
    query = Prepared(lambda ids: User.objects.filter(among("pk", ids)).order_by("pk"), ids=Uuids)
    for count in range(4):
        assert query(ids=[one.pk for one in users[:count]]) == sorted(users[:count], key=lambda one: one.pk)


def test_words_are_values_too():
    user = factories.user()
    query = Prepared(lambda names: User.objects.filter(among("username", names, Texts)), names=Texts)
    assert query(names=[user.username, "nobody"]) == [user]
    assert query(names=[]) == []


def test_what_is_joined_comes_with_it(django_assert_num_queries):
    world = factories.World()
    member = world.caseworker
    with acting.as_user(member), django_assert_num_queries(1):
        query = Prepared(
            lambda user, now: Membership.objects.active(now).filter(user_id=user).select_related("team"),
            user=UUID, now=datetime,
        )  # fmt: skip
        [found] = query(user=member.pk, now=timezone.now())
        assert found.team == world.team
    with acting.as_user(member):
        assert query(user=member.pk, now=timezone.now() - timedelta(days=900)) == []


@pytest.mark.parametrize(
    "query",
    [
        lambda user: User.objects.filter(pk=user, date_joined__lt=timezone.now()),
        lambda user: User.objects.filter(pk=user).exclude(pk=uuid4()),
        lambda user: User.objects.filter(among("pk", [uuid4()]), pk=user),
        lambda user: User.objects.filter(date_joined__date=timezone.localdate(), pk=user),
        lambda user: User.objects.filter(pk=user, is_active=user.int > 2**100),
        lambda user: User.objects.filter(pk=user) if user.int > 2**100 else User.objects.exclude(pk=user),
    ],
    ids=["a moment", "an id", "a list", "a day", "a constant by a value", "a branch by a value"],
)
def test_what_would_be_asked_for_everybody_is_refused(query):
    with pytest.raises(Baked):
        Prepared(query, user=UUID)(user=uuid4())
    prepared.ALL.pop()


def test_a_value_that_is_not_asked_for_is_refused():
    with pytest.raises(Baked):
        Prepared(lambda user: User.objects.all(), user=UUID)(user=uuid4())
    prepared.ALL.pop()


def test_it_is_asked_with_its_values_and_no_others():
    query = Prepared(lambda user: User.objects.filter(pk=user), user=UUID)
    with pytest.raises(TypeError):
        query(user=uuid4(), now=timezone.now())
    with pytest.raises(TypeError):
        query()
    prepared.ALL.pop()


def test_all_of_the_product_can_be_written():
    """Most are by other tests; here those too that no test happens to ask."""
    assert len(prepared.ALL) > 20
    for one in prepared.ALL:
        prepared._Written(one)


def test_nobody_is_shown_what_another_was_shown():
    """The same prepared query, asked by two users in turns."""
    from cases.reads import case_seen

    world = factories.World()
    case = factories.case(world.team, world.caseworker)
    stranger = factories.member(Role.CASEWORKER, world.agency, world.team)
    for user, found in ((world.caseworker, [case]), (stranger, []), (world.caseworker, [case])):
        with acting.as_user(user):
            assert [case_seen(case.pk, user)] == (found or [None])
