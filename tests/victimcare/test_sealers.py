"""Sealers beside each other, and transactions that commit late: on connections of their own, so committed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from tests.browser.product import ROOT, _with_database
from victimcare import audit
from victimcare.models import AccessEntry, Organization, Seal, UnsealedEntry
from victimcare.models.logs import Action
from victimcare.sealing import checking, sealing

TABLES = "victimcare_unsealedentry, victimcare_accessentry, victimcare_seal, victimcare_sealingkey"


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """What the test writes is really there, and is taken away by the owner at the end."""
    with django_db_blocker.unblock():
        yield
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {TABLES}")
        connection.close()


def written(number: int) -> None:
    """Refusals that nobody was behind: they need no other row."""
    for _ in range(number):
        audit.record(Action.REFUSED, Organization, by=None, rows=0)


def on_its_own(work) -> Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


def test_two_sealers_at_once_seal_each_line_once(committed):
    written(60)
    sealers = [on_its_own(lambda: sealing.seal_all(batch=7)) for _ in range(3)]
    for one in sealers:
        one.join(30)
    sealed = [entry for seal in Seal.objects.order_by("number") for entry in seal.entries]
    assert len(sealed) == len(set(sealed)) == 60
    numbers = list(Seal.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert checking.check().wrong == ""


def test_a_line_that_commits_late_is_sealed_later(committed):
    was_written, may_commit = Event(), Event()

    def late() -> None:
        with transaction.atomic():
            written(1)
            was_written.set()
            may_commit.wait(30)

    slow = on_its_own(late)
    assert was_written.wait(30)
    written(1)
    assert sealing.seal_all().rows == 1
    may_commit.set()
    slow.join(30)
    assert sealing.seal_all().rows == 1
    assert AccessEntry.objects.count() == 2
    assert checking.check() == checking.Checked(rows=2, seals=2)


def test_the_service_seals_within_ten_seconds_and_stops_when_it_is_told_to(committed):
    environment = {name: value for name, value in os.environ.items() if name != "VICTIMCARE_ROLE"}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        environment[name] = _with_database(environment[name], connection.settings_dict["NAME"])
    command = [sys.executable, "manage.py", "audit", "seal", "--watch"]
    service = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        for _ in range(2):
            written(3)
            assert sealed_within(10)
        assert service.poll() is None
        service.send_signal(signal.SIGTERM)
        assert service.wait(5) == 0
    finally:
        service.kill()
        service.communicate()


def sealed_within(seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while UnsealedEntry.objects.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
