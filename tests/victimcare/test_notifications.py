"""Notifications: a number and a link to who may see the record, and nothing to anybody else."""

import re
from contextlib import suppress
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from cases import actions as case_actions
from cases.notices import ASSIGNED, EMERGENCY_OPENED
from tests import factories
from tests.factories import World
from victimcare import acting
from victimcare import actions as own_actions
from victimcare.models import How, Membership, Notification, NotificationChoice, User
from victimcare.notifications import actions, listing, mailing, tasks
from victimcare.paging import SIZE

LIST = "/notifications/"


class Undone(Exception):
    """Ends a transaction of these tests."""


def tell(world: World, *recipients: User, by: User | None = None, **values: Any) -> None:
    """Of the world's case, as its supervisor."""
    case = world.case
    told = {"reference": case.number, "link": reverse("cases:case", args=[case.pk])} | values
    with acting.as_user(by or world.supervisor):
        actions.tell(recipients, ASSIGNED, **told)


def run_tasks() -> None:
    """What waits in the queue, as its worker runs it; each as nobody, since the worker is nobody's."""
    while row := DBTaskResult.objects.ready().first():
        DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")
        given = row.args_kwargs
        row.task.call(*given["args"], **given["kwargs"])


@pytest.fixture
def reader(world: World) -> User:
    User.objects.filter(pk=world.caseworker.pk).update(email="caseworker@example.org", language="es")
    world.caseworker.refresh_from_db()
    return world.caseworker


def test_a_worker_is_told_of_a_case_that_is_assigned_to_them(world: World, login: Any) -> None:
    case = factories.case(world.team)
    case_actions.assign(case, world.caseworker, by=world.supervisor)
    page = login(world.caseworker).get(LIST).content.decode()
    assert case.number in page
    assert "A case was assigned to you" in page
    assert case.number not in login(world.caseworker2).get(LIST).content.decode()


def test_nobody_is_told_what_they_did_themselves(world: World) -> None:
    tell(world, world.supervisor, world.caseworker)
    assert list(Notification.objects.values_list("recipient", flat=True)) == [world.caseworker.pk]


def test_opening_it_is_a_post_that_marks_it_read_and_leads_on(world: World, login: Any) -> None:
    tell(world, world.caseworker)
    one, client = Notification.objects.get(), login(world.caseworker)
    client.get(LIST)
    assert Notification.objects.get().read_at is None
    answer = client.post(reverse("notifications:open", args=[one.pk]))
    assert answer.url == reverse("cases:case", args=[world.case.pk])
    assert Notification.objects.get().read_at is not None


def test_anothers_notification_does_not_exist(world: World, login: Any) -> None:
    tell(world, world.caseworker)
    one = Notification.objects.get()
    answer = login(world.caseworker2).post(reverse("notifications:open", args=[one.pk]))
    assert answer.status_code == 404
    assert Notification.objects.get().read_at is None


def test_what_was_closed_to_somebody_is_not_told_to_them_any_more(
    world: World, login: Any, reader: User
) -> None:
    tell(world, reader)
    running = world.case.assignments.get(ended_at=None)
    case_actions.unassign(running, by=world.supervisor)
    run_tasks()
    assert world.case.number not in login(reader).get(LIST).content.decode()
    assert mail.outbox == []


def test_what_waits_is_listed_behind_what_was_closed(world: World, login: Any) -> None:
    """However many newer ones there are, of a case that went to another team."""
    tell(world, world.caseworker)
    shown, gone = world.case, factories.case(world.other_team)
    closed = {"reference": gone.number, "link": reverse("cases:case", args=[gone.pk])}
    for _number in range(2 * SIZE + 1):
        tell(world, world.caseworker, **closed)
    client = login(world.caseworker)
    page = client.get(LIST).content.decode()
    assert shown.number in page
    assert gone.number not in page
    assert "Notifications 1 new" in " ".join(re.sub("<[^>]*>", " ", page).split())
    client.post(reverse("notifications:read"))
    assert not Notification.objects.unread().exists()


def test_the_head_of_each_page_says_how_many_wait(world: World, login: Any) -> None:
    for _ in range(3):
        tell(world, world.caseworker)
    client = login(world.caseworker)
    assert '<span class="vc-count">3<' in client.get("/").content.decode()
    client.post(reverse("notifications:read"))
    assert '<span class="vc-count">' not in client.get("/").content.decode()


def test_mail_carries_number_and_link_and_nothing_about_a_person(world: World, reader: User) -> None:
    served = factories.person(world.agency, given_names="Zuleika", surnames="Canary")
    case = factories.case(world.team, reader, person=served)
    tell(world, reader, reference=case.number, link=reverse("cases:case", args=[case.pk]))
    run_tasks()
    [sent] = mail.outbox
    assert sent.subject == "Algo le espera"
    assert case.number not in sent.subject
    assert case.number in sent.body
    assert f"/cases/{case.pk}/" in sent.body
    everything = str(sent.message()) + str(list(DBTaskResult.objects.values_list("args_kwargs", flat=True)))
    for word in ("Zuleika", "Canary", reader.name, "asign"):
        assert word not in everything


def test_mail_goes_out_after_the_fact_only(world: World, reader: User) -> None:
    assert world.supervisor
    assert world.case
    with suppress(Undone), transaction.atomic():
        tell(world, reader)
        raise Undone
    run_tasks()
    assert mail.outbox == []
    tell(world, reader)
    assert mail.outbox == []
    run_tasks()
    run_tasks()
    assert len(mail.outbox) == 1


def test_it_is_mailed_once_however_often_the_task_runs(world: World, reader: User) -> None:
    tell(world, reader)
    run_tasks()
    tasks.mail.call(str(Notification.objects.get().pk))
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("gone", ["disabled", "works nowhere", "has no mailbox", "read it"])
def test_no_mail_to_who_is_gone(world: World, reader: User, gone: str) -> None:
    tell(world, reader)
    if gone == "disabled":
        User.objects.filter(pk=reader.pk).update(is_active=False)
    elif gone == "works nowhere":
        own_actions.end_membership(Membership.objects.get(user=reader), by=world.admin)
    elif gone == "has no mailbox":
        User.objects.filter(pk=reader.pk).update(email="")
    else:
        with acting.as_user(reader):
            actions.mark_all_read(by=reader)
    run_tasks()
    assert mail.outbox == []


@pytest.mark.parametrize(("how", "mails"), [(How.AT_ONCE, 1), (How.DIGEST, 0), (How.PRODUCT, 0)])
def test_each_chooses_how_to_hear_of_it(world: World, login: Any, reader: User, how: str, mails: int) -> None:
    chosen = {kind.name.replace(".", "_"): how for kind in listing.kinds_for(reader)}
    page = login(reader).post(reverse("notifications:choices"), chosen, follow=True)
    assert "Guardado" in page.content.decode()
    tell(world, reader)
    run_tasks()
    assert len(mail.outbox) == mails


def test_of_emergencies_everybody_hears_at_once(world: World, login: Any) -> None:
    """A choice from before, or one that was forged, silences nothing."""
    supervisor = world.supervisor
    User.objects.filter(pk=supervisor.pk).update(email="supervisor@example.org")
    page = login(supervisor).get(reverse("notifications:choices")).content.decode()
    assert "cases_closure_asked" in page
    assert "cases_emergenc" not in page
    with acting.as_user(supervisor), pytest.raises(ValueError, match="at once"):
        actions.choose({EMERGENCY_OPENED: How.PRODUCT}, by=supervisor)
    told = Notification(recipient=supervisor, kind=EMERGENCY_OPENED, link="/cases/")
    Notification.objects.bulk_create([told])
    NotificationChoice.objects.create(user=supervisor, kind=EMERGENCY_OPENED, how=How.PRODUCT)
    with acting.as_job("notices"):
        assert mailing.at_once([told.pk]) == [told.pk]


@pytest.mark.parametrize(
    "wrong", [{"reference": "Zuleika Quis"}, {"reference": "zuleika"}, {"link": "/cases/?q=Zuleika"}]
)
def test_a_name_does_not_fit_into_a_notification(world: World, wrong: dict[str, str]) -> None:
    row = {"kind": "x", "reference": "", "link": "/cases/"} | wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(recipient=world.caseworker, **row)


def test_only_users_are_told(world: World) -> None:
    with pytest.raises(TypeError):
        tell(world, world.case.person)


def test_told_once_is_told_once(world: World) -> None:
    tell(world, world.caseworker, once="2026-12-31")
    tell(world, world.caseworker, once="2026-12-31")
    tell(world, world.caseworker, once="2027-12-31")
    assert Notification.objects.count() == 2
