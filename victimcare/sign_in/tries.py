"""How often something may be tried in a while. Counted in one statement under the row's lock: by all
processes together, and alike for names that exist and names that do not.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from victimcare import acting

WINDOW = timedelta(minutes=15)
LONGEST = timedelta(days=1)
# Gives a row if there is room, and none if there is not; only what was given counts.
TAKE = """
INSERT INTO victimcare_tries AS known (key, times) VALUES (%(key)s, ARRAY[%(now)s::timestamptz])
ON CONFLICT (key) DO UPDATE
SET times = ARRAY(SELECT one FROM unnest(known.times) AS one WHERE one > %(since)s) || excluded.times
WHERE (SELECT count(*) FROM unnest(known.times) AS one WHERE one > %(since)s) < %(most)s
RETURNING 1
"""
# The newest one: which of several equal ones it was does not matter.
GIVE_BACK = """
UPDATE victimcare_tries SET times = trim_array(times, 1) WHERE key = %(key)s AND cardinality(times) > 0
"""
FORGET = """
DELETE FROM victimcare_tries WHERE coalesce(times[cardinality(times)], '-infinity') < %(since)s
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """`most` tries in `within`, for each thing apart that is named to `take`."""

    name: str
    most: int
    within: timedelta = WINDOW

    def take(self, *whose: str) -> bool:
        """One try of it, if there is one left."""
        now = timezone.now()
        values: dict[str, Any] = {
            "key": self.key(*whose),
            "now": now,
            "since": now - self.within,
            "most": self.most,
        }
        with acting.as_job("counting"), connection.cursor() as cursor:
            cursor.execute(TAKE, values | {"key": self.key(*whose)})
            return cursor.fetchone() is not None

    def give_back(self, *whose: str) -> None:
        """It was no guess."""
        with acting.as_job("counting"), connection.cursor() as cursor:
            cursor.execute(GIVE_BACK, {"key": self.key(*whose)})

    def key(self, *whose: str) -> str:
        return salted_hmac(f"victimcare.tries.{self.name}", "|".join(whose), algorithm="sha256").hexdigest()


def forget() -> None:
    """Takes away what counts no more, for a periodic job: else a row would stay of each name ever tried."""
    with acting.as_job("counting"), connection.cursor() as cursor:
        cursor.execute(FORGET, {"since": timezone.now() - LONGEST})
