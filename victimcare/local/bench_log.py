"""`make bench-log`: how long the access log takes to be sealed, exported, checked and asked, on a scratch
database.

Usage: python -m victimcare.local.bench_log [LINES]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

import psycopg2

from victimcare.local import commands, run, scratch
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem, run_main

LINES = 1_000_000
AT_A_TIME = 100_000
ACCOUNT = "supervisor"
# All by one account, 20,000 persons each time, in two member states: the worst that a worksheet meets.
FILL = """
WITH persons AS MATERIALIZED (
    SELECT array_agg(gen_random_uuid()) AS ids FROM generate_series(1, 20000)
), places AS (
    SELECT array_agg(id ORDER BY code) AS ids, array_agg(member_state_id ORDER BY code) AS states
    FROM victimcare_organization WHERE code IN ('ar-cav', 'br-ipe')
)
INSERT INTO victimcare_accessentry (id, at, by_id, object_label, object_id, action, member_state_id,
    organization_id, subject_key_id, kinds, rows)
SELECT gen_random_uuid(), now() - (n %% 600) * interval '1 second', u.id, 'cases.Case', gen_random_uuid(),
    (ARRAY['read', 'list', 'change'])[1 + n %% 3], states[1 + n %% 2], places.ids[1 + n %% 2],
    persons.ids[1 + n %% 20000], ARRAY['identity', 'contact', 'incident']::varchar[], 1
FROM generate_series(1, %s) AS n, persons, places, victimcare_user u WHERE u.username = %s
"""


def main() -> int:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with scratch.environment(durable=True) as (local, env):
        run.set_up(local, env)
        seconds = fill(env["DATABASE_OWNER_URL"], wanted)
        print(f"{wanted:,} lines written by SQL as owner: {seconds:.1f} s", flush=True)
        file = local / "export"
        now = time.time()
        since, until = (time.strftime("%Y-%m-%dT%H:%M", time.gmtime(now + hour)) for hour in (-3600, 3600))
        for words in (
            ("seal",),
            ("check",),
            ("export", str(file)),
            ("verify", str(file)),
            (
                "breach",
                "--user",
                ACCOUNT,
                "--from",
                since,
                "--to",
                until,
                "--out",
                str(local / "worksheet.csv"),
            ),
        ):
            measure(env, words)
        print(f"the export has {file.stat().st_size / 2**20:.0f} MiB", flush=True)
    return 0


def fill(url: str, wanted: int) -> float:
    started = time.monotonic()
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        for begin in range(0, wanted, AT_A_TIME):
            cursor.execute(FILL, [min(AT_A_TIME, wanted - begin), ACCOUNT])
    connection.close()
    return time.monotonic() - started


def measure(env: Mapping[str, str], words: tuple[str, ...]) -> None:
    """Runs the command, and says how long it took and how much memory its process had at most."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [*commands.MANAGE, "audit", *words], env=dict(env), cwd=CHECKOUT, stdout=output, stderr=output
        )
        _pid, status, used = os.wait4(process.pid, 0)
        output.seek(0)
        told = output.read().strip()
    seconds = time.monotonic() - started
    if status:
        raise Problem(f"audit {words[0]} failed: {told[-500:]}")
    print(f"audit {words[0]}: {seconds:.1f} s, {used.ru_maxrss / 1024:.0f} MiB at most", flush=True)
    print(f"    {told.splitlines()[0]}", flush=True)


if __name__ == "__main__":
    run_main(main)
