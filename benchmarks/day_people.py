"""Who is at work on the mixed day: people of the data set by role, with cases of theirs and a session each. A
process of its own, as the owner: {"count": …} in, a list of people out, both as JSON.
"""

import json
import sys
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from benchmarks.sessions import cookies_of  # noqa: E402
from victimcare.models import User  # noqa: E402

# Of a hundred.
ROLES = {"caseworker": 70, "supervisor": 5, "provider": 17, "officer": 8}
CASES = 5
# Scattered over the data set, and the same each time.
PEOPLE = """
SELECT DISTINCT ON (md5(user_id::text)) user_id FROM victimcare_membership
 WHERE role = %s AND ended_at IS NULL AND retired_at IS NULL ORDER BY md5(user_id::text) LIMIT %s
"""
CASES_OF = """
SELECT content_object_id FROM cases_casegrant granted JOIN cases_case held ON held.id = content_object_id
 WHERE granted.user_id = %s AND scope_codename = 'work_on_case' AND held.status = 'open' LIMIT %s
"""


def people(count: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        return [
            _person(cursor, role, user)
            for role, share in ROLES.items()
            for user in _column(cursor, PEOPLE, role, max(1, count * share // 100))
        ]


def _person(cursor: Any, role: str, user: Any) -> dict[str, Any]:
    cases = [str(pk) for pk in _column(cursor, CASES_OF, user, CASES)]
    return {"role": role, "cases": cases, "cookies": cookies_of(User.objects.get(pk=user))}


def _column(cursor: Any, statement: str, *values: Any) -> list[Any]:
    cursor.execute(statement, values)
    return [first for (first,) in cursor.fetchall()]


def main() -> None:
    json.dump(people(json.load(sys.stdin)["count"]), sys.stdout)


if __name__ == "__main__":
    main()
