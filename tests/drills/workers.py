"""Background workers are killed again and again while they work. Each task leaves a row, which nothing keeps
from being there twice, and causes another task that does the same: in the end each number has exactly one of
both.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from random import Random

from django.db import connection
from django_tasks import task

from tests import factories
from tests.browser.product import ROOT
from tests.drills import truth
from victimcare import acting
from victimcare.models import Notification, User

SEED = 20261126
NAME = "worked"
DONE, FOLLOWED = "drill.done", "drill.followed"
WORKERS, FED = 2, 40
# Seconds that a task takes, and after which a worker is killed that was seen at work.
TAKES, KILLED_WITHIN = 0.05, 0.15
# Seconds that the rest may take in the end: more than queue.TIME_TO_HOLD.
FINISHED_WITHIN = 30
# Every so many are asked to stop instead; they end what they do.
ASKED_EVERY = 5
OPTIONS = ("--interval", "0.05", "--no-startup-delay", "--verbosity", "0")

WAITING = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status = 'READY'"
AT_WORK = """
SELECT EXISTS (SELECT FROM django_tasks_database_dbtaskresult
                WHERE status = 'RUNNING' AND worker_ids->>-1 = %s)
"""
LOST = """
SELECT count(*) FROM django_tasks_database_dbtaskresult
 WHERE task_path LIKE 'tests.drills.workers.%' AND status <> 'SUCCESSFUL'
"""
TWICE = """
SELECT count(*) FROM (SELECT FROM victimcare_notification WHERE kind LIKE 'drill.%'
                       GROUP BY kind, link HAVING count(*) > 1) doubled
"""
EFFECTS = "SELECT count(DISTINCT (kind, link)) FROM victimcare_notification WHERE kind LIKE 'drill.%'"
AGAIN = """
SELECT count(*) FROM django_tasks_database_dbtaskresult
 WHERE task_path LIKE 'tests.drills.workers.%' AND jsonb_array_length(worker_ids) > 1
"""


@task(attempts=1000)
def work(number: int) -> None:
    _leave(DONE, number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [TAKES])
    follow.enqueue(number)


@task(attempts=1000)
def follow(number: int) -> None:
    _leave(FOLLOWED, number)


def _leave(kind: str, number: int) -> None:
    row = Notification(recipient=acting.user(), kind=kind, link=f"/{number}/")
    Notification.objects.bulk_create([row])


def make() -> None:
    factories.user(NAME)


@dataclass
class Figures:
    kills: int = 0
    at_work: int = 0
    asked: int = 0
    asked_badly: int = 0
    fed: int = 0
    seconds: float = 0.0
    counted: dict[str, int] = field(default_factory=dict)

    @property
    def is_wrong(self) -> bool:
        lost = self.fed * 2 - self.counted["effects"]
        return bool(lost or self.counted["lost"] or self.counted["twice"] or self.asked_badly)

    def text(self) -> str:
        return (
            f"{self.kills} kills of workers, {self.at_work} of them at work; {self.asked} asked to stop,"
            f" {self.asked_badly} of them left something; {self.seconds:.0f} s\n"
            f"  {self.fed} tasks that cause another one: {self.counted['effects']} effects of {self.fed * 2},"
            f" {self.counted['lost']} tasks lost, {self.counted['twice']} done twice;"
            f" {self.counted['again']} begun again\n"
        )


def drill(kills: int) -> Figures:
    dice, figures, started = Random(SEED), Figures(), time.monotonic()
    user = User.objects.get(username=NAME)
    workers = [_Worker(f"{NAME}-{number}") for number in range(WORKERS)]
    while figures.kills < kills:
        _feed(figures, user)
        at = dice.randrange(WORKERS)
        _end(workers[at], figures, dice)
        workers[at] = _Worker(f"{NAME}-{figures.kills}-{figures.asked}-{at}")
    for worker in workers:
        worker.end(signal.SIGTERM)
    _finish()
    figures.seconds = time.monotonic() - started
    figures.counted = {
        "lost": _one(LOST),
        "twice": _one(TWICE),
        "effects": _one(EFFECTS),
        "again": _one(AGAIN),
    }
    return figures


def _finish() -> None:
    """What was claimed just before a kill is taken back a little later."""
    until = time.monotonic() + FINISHED_WITHIN
    while _one(LOST) and time.monotonic() < until:
        _Worker("last", "--batch").process.wait()


def _feed(figures: Figures, user: User) -> None:
    """There is always something to do."""
    with acting.as_user(user):
        for _number in range(max(0, FED - _one(WAITING))):
            work.enqueue(figures.fed)
            figures.fed += 1


def _end(worker: "_Worker", figures: Figures, dice: Random) -> None:
    while not worker.is_at_work() and worker.process.poll() is None and _one(WAITING):
        time.sleep(0.01)
    time.sleep(dice.uniform(0, KILLED_WITHIN))
    if (figures.kills + figures.asked) % ASKED_EVERY == ASKED_EVERY - 1:
        worker.end(signal.SIGTERM)
        figures.asked += 1
        figures.asked_badly += worker.process.returncode != 0 or worker.is_at_work()
        return
    worker.end(signal.SIGKILL)
    figures.kills += 1
    figures.at_work += worker.is_at_work()


class _Worker:
    """A process of `manage.py db_worker`, with a fault if one is planted."""

    def __init__(self, name: str, *options: str) -> None:
        self.name = name
        command = [sys.executable, "-m", "tests.drills", "command", "db_worker", *OPTIONS, *options]
        self.process = subprocess.Popen(
            [*command, "--worker-id", name],
            cwd=ROOT,
            env=dict(os.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def is_at_work(self) -> bool:
        return bool(_one(AT_WORK, self.name))

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait()


def _one(question: str, *values: str) -> int:
    with truth.owner() as cursor:
        cursor.execute(question, values or None)
        return int(cursor.fetchone()[0])
