"""Keys of a member state are changed under writers, and the command is killed again and again.

The writers log in as the application's role; the command is `manage.py keys`, a process of the owner's.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from random import Random
from threading import Event

from tests.browser.product import ROOT
from tests.drills import truth
from tests.drills.writers import NAME, Figures, Writer
from victimcare.management.commands.keys import ONE_AT_A_TIME
from victimcare.models import Team, User

SEED = 20261125
STATE = "AR"
VERBS = (("rotate-state", STATE), ("reencrypt",))
# Seconds after a command has begun: a kill may come anywhere in its work.
KILLED_WITHIN = {"rotate-state": 0.4, "reencrypt": 2.0}
LINE = 90
WORKING = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted)"
LEFT = """
SELECT (SELECT count(*) FROM victimcare_statekey old WHERE wrapped IS NOT NULL AND EXISTS (
            SELECT FROM victimcare_statekey next
             WHERE next.member_state_id = old.member_state_id AND next.version > old.version)),
       (SELECT count(*) FROM held WHERE living AND over IS NULL),
       (SELECT count(*) FROM held WHERE made_under < version AND NOT own),
       (SELECT max(version) FROM victimcare_statekey), (SELECT count(*) FROM held)
"""
HELD = """
WITH held AS (
    SELECT key.wrapped IS NOT NULL AS living, over.wrapped AS over, over.version, key.made_under,
           EXISTS (SELECT FROM victimcare_organizationkey own WHERE own.subject_key_id = key.id) AS own
      FROM victimcare_subjectkey key JOIN victimcare_statekey over ON over.id = key.state_key_id)
"""


@dataclass
class Drilled:
    written: Figures
    writers: int
    kills: int = 0
    runs: int = 0
    seconds: float = 0.0
    old_keys: int = 0
    lost_keys: int = 0
    not_renewed: int = 0
    version: int = 0
    subject_keys: int = 0
    failed_commands: int = 0
    checked: str = ""

    @property
    def is_wrong(self) -> bool:
        found = self.written
        left = self.old_keys + self.lost_keys + self.not_renewed + self.failed_commands
        return bool(left or found.failed_reads or found.failed_writes or found.lost or not found.writes)

    def text(self) -> str:
        found = self.written
        lines = [
            f"{self.writers} writers, {self.kills} kills in {self.runs} runs, {self.seconds:.0f} s",
            f"  {found.writes} writes, {found.opened} of them new people; {found.reads} values read again",
            f"  {found.failed_reads.total()} failed reads, {found.failed_writes.total()} failed writes,"
            f" {found.lost.total()} lost edits",
            f"  state key: version {self.version}; {self.old_keys} old versions left,"
            f" {self.lost_keys} of {self.subject_keys} subject keys under a destroyed one,"
            f" {self.not_renewed} not renewed; {self.failed_commands} commands failed",
            f"  keys check: {self.checked}",
        ]
        for counter in (found.failed_reads, found.failed_writes, found.lost):
            lines += [f"    {count} x {what}" for what, count in counter.most_common(4)]
        return "\n".join(lines) + "\n"


def drill(kills: int) -> Drilled:
    dice, stopped, figures = Random(SEED), Event(), Figures()
    team = Team.objects.get(organization__code="agency", name="North")
    users = list(User.objects.filter(username__startswith=NAME).order_by("username"))
    writers = [Writer(user, team, figures, Random(SEED + at), stopped) for at, user in enumerate(users)]
    drilled, started = Drilled(figures, len(writers)), time.monotonic()
    for writer in writers:
        writer.start()
    try:
        _kill(drilled, kills, dice)
        for verb in VERBS:
            drilled.failed_commands += _command(*verb).wait() != 0
    finally:
        stopped.set()
        for writer in writers:
            writer.join()
    drilled.seconds = time.monotonic() - started
    for writer in writers:
        writer.read_again(writer.truth)
    _look(drilled)
    return drilled


def _kill(drilled: Drilled, kills: int, dice: Random) -> None:
    """Each command in turn, until it was killed in its work often enough."""
    while drilled.kills < kills:
        verb = VERBS[drilled.runs % len(VERBS)]
        drilled.runs += 1
        process = _command(*verb)
        while process.poll() is None and not _works():
            time.sleep(0.01)
        time.sleep(dice.uniform(0, KILLED_WITHIN[verb[0]]))
        process.kill()
        drilled.kills += process.wait() < 0
        while _works():
            time.sleep(0.01)


def _works() -> bool:
    with truth.owner() as cursor:
        cursor.execute(WORKING, [ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def _command(*arguments: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "VICTIMCARE_ROLE": "owner"}
    command = [sys.executable, "-m", "tests.drills", "command", "keys", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _look(drilled: Drilled) -> None:
    with truth.owner() as cursor:
        cursor.execute(HELD + LEFT)
        found = cursor.fetchone()
    drilled.old_keys, drilled.lost_keys, drilled.not_renewed, drilled.version, drilled.subject_keys = found
    check = _command("check")
    told, _nothing = check.communicate()
    drilled.checked = told.strip().splitlines()[-1][:LINE] if told.strip() else "nothing said"
    drilled.failed_commands += check.returncode != 0
