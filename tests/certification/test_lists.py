"""Lists ask as often for many rows as for one, and page by key."""

from django.urls import reverse

from certification import actions
from tests import factories
from tests.certification.builders import (
    approved,
    certificate,
    institutional_draft,
    personal_draft,
    scheme,
)
from victimcare.models import Role


def url(name: str, *args) -> str:
    return reverse(f"certification:{name}", args=args)


def _applications(world, number):
    for _ in range(number):
        user = factories.member(Role.PRACTITIONER, world.shelter)
        actions.submit_application(personal_draft(world, by=user), by=user)


def _queries(client, address, django_assert_max_num_queries, most):
    with django_assert_max_num_queries(most) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


def test_queue_asks_as_often_for_many_as_for_one(world, login, django_assert_max_num_queries):
    client = login(world.officer)
    _applications(world, 1)
    client.get(url("queue"))
    few = _queries(client, url("queue"), django_assert_max_num_queries, 12)
    _applications(world, 5)
    assert _queries(client, url("queue"), django_assert_max_num_queries, 12) == few


def test_own_applications_ask_as_often_for_many_as_for_one(world, login, django_assert_max_num_queries):
    client = login(world.practitioner)
    approved(personal_draft(world), world)
    client.get(url("mine"))
    few = _queries(client, url("mine"), django_assert_max_num_queries, 12)
    for _ in range(4):
        sent = actions.submit_application(personal_draft(world), by=world.practitioner)
        actions.start_review(sent, by=factories.member(Role.EXAMINER, world.body))
    assert _queries(client, url("mine"), django_assert_max_num_queries, 12) == few


def test_pages_of_one_record_ask_at_most_twenty_times(world, login, django_assert_max_num_queries):
    version = scheme(world.body, "nacp-basic")
    kind = factories.accreditation_kind(world.body, required_certificates={"nacp-basic": 1})
    decided = approved(institutional_draft(world, kind), world)
    held = certificate(world.body, world.provider, version)
    client = login(world.officer)
    for address in (
        url("application", decided.pk),
        url("accreditation", decided.accreditation.pk),
        url("certificate", held.pk),
        reverse("home"),
    ):
        _queries(client, address, django_assert_max_num_queries, 20)


def test_register_asks_as_often_for_many_as_for_one(world, login, django_assert_max_num_queries):
    client = login(world.caseworker)
    version = scheme(world.body)
    for room in ("register", "register_certificates"):
        factories.accreditation(world.body, world.shelter)
        certificate(world.body, factories.user(), version)
        client.get(url(room))
        few = _queries(client, url(room), django_assert_max_num_queries, 12)
        for _ in range(5):
            factories.accreditation(world.body, world.clinic)
            certificate(world.body, factories.user(), version)
        assert _queries(client, url(room), django_assert_max_num_queries, 12) == few


def test_pages_follow_each_other_without_gap(world, login, monkeypatch):
    monkeypatch.setattr("victimcare.paging.SIZE", 2)
    numbers = {factories.accreditation(world.body, world.shelter).number for _ in range(5)}
    client, address, seen = login(world.caseworker), url("register"), []
    while address:
        page = client.get(address)
        seen += [row["number"] for row in page.context["rows"]]
        address = page.context["next_url"]
    assert len(seen) == 5
    assert set(seen) == numbers


def test_key_that_nobody_made_begins_anew(world, login):
    number = world.accreditation.number
    page = login(world.caseworker).get(url("register"), {"after": "nonsense"})
    assert [row["number"] for row in page.context["rows"]] == [number]
