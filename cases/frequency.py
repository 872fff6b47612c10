"""When somebody opens cases in emergencies strikingly often.

It stands out, and those who review are told, if somebody opened

- more than `IN_A_DAY` within 24 hours; or
- at least `IN_A_MONTH` within 30 days, and more than `TIMES` as many as their colleagues who work with cases
did on the average.

The first rule finds who goes through cases in a night; the second who does it slowly, without blaming a place
where emergencies are daily work. Both are told, and nobody is locked out by them: an emergency may be one.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

IN_A_DAY = 3
IN_A_MONTH = 5
TIMES = 2

COUNTED = "SELECT * FROM app.emergencies_counted(%s, %s)"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many somebody opened in 24 hours and in 30 days; their colleagues together, and how many those
    are.
    """

    last_day: int
    last_month: int
    of_others: int
    others: int

    @property
    def stands_out(self) -> bool:
        usual = self.of_others / self.others if self.others else 0.0
        often = self.last_month >= IN_A_MONTH and self.last_month > TIMES * usual
        return self.last_day > IN_A_DAY or often


def counted(user_id: Any, organization_id: UUID) -> Counted:
    """Of one user in one organisation; nothing to who does not work there."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [user_id, organization_id])
        row = cursor.fetchone()
    return Counted(*row) if row else Counted(0, 0, 0, 0)
