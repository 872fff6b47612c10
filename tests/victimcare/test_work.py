"""The page of background work: what failed, when, where and how often; never with what."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse, reverse_lazy
from django_tasks_db.models import DBTaskResult

from tests.factories import World
from tests.victimcare.test_tasks import fail
from tests.victimcare.workers import run_all
from victimcare import acting
from victimcare.models import AccessEntry
from victimcare.work import actions

LIST = reverse_lazy("work:list")
WORDS = "Zuleika Canary"


@pytest.fixture
def failed(world: World) -> DBTaskResult:
    """After its last attempt."""
    with acting.as_user(world.caseworker):
        fail.enqueue(WORDS)
    DBTaskResult.objects.update(worker_ids=["gone"] * 7)
    run_all()
    row = DBTaskResult.objects.get(task_path__endswith=".fail")
    assert row.status == "FAILED"
    return row


def test_it_says_what_failed_where_and_how_often_and_not_with_what(
    world: World, login: Any, failed: DBTaskResult
) -> None:
    page = login(world.admin).get(LIST).content.decode()
    assert "tests.victimcare.test_tasks.fail" in page
    assert "Error at /" in page
    assert '<td data-label="Attempts">8</td>' in page
    for word in ("Zuleika", "Canary", str(world.caseworker.pk)):
        assert word not in page


def test_what_will_be_tried_again_is_listed_apart(world: World, login: Any, failed: DBTaskResult) -> None:
    DBTaskResult.objects.filter(pk=failed.pk).update(status="READY")
    page = login(world.admin).get(LIST).content.decode()
    assert "Failed, and will be tried again" in page
    assert reverse("work:again", args=[failed.pk]) not in page


def test_it_is_tried_again_by_a_button_with_all_its_attempts(
    world: World, login: Any, failed: DBTaskResult
) -> None:
    client, again = login(world.admin), reverse("work:again", args=[failed.pk])
    assert client.get(again).status_code == 405
    assert "tried again now" in client.post(again, follow=True).content.decode()
    failed.refresh_from_db()
    assert (failed.status, failed.worker_ids) == ("READY", [])
    assert AccessEntry.objects.filter(by=world.admin, action="change").exists()
    assert "was done meanwhile" in client.post(again, follow=True).content.decode()


def test_it_is_the_administrators_room(world: World, login: Any, failed: DBTaskResult) -> None:
    for user in (world.caseworker, world.supervisor, world.provider):
        client = login(user)
        assert client.get(LIST).status_code == 403
        assert client.post(reverse("work:again", args=[failed.pk])).status_code == 403
    with acting.as_user(world.supervisor), pytest.raises(PermissionDenied):
        actions.try_again(failed.pk, by=world.supervisor)


def test_nobody_but_the_worker_reads_a_task(world: World, failed: DBTaskResult) -> None:
    with acting.as_user(world.admin):
        assert not DBTaskResult.objects.exists()
