"""A line of the access log in canonical JSON: every column, as the seal covers it."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from victimcare.sealing.verify import canonical

# Columns of version 1. A new column asks for a new version: what was sealed before does not have it.
COLUMNS = {
    "id": "e.id::text",
    "at": """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "by": "e.by_id::text",
    "object_label": "e.object_label",
    "object_id": "e.object_id::text",
    "action": "e.action",
    "member_state": "e.member_state_id",
    "organization": "e.organization_id::text",
    "subject_key_id": "e.subject_key_id::text",
    "kinds": "to_jsonb(e.kinds)::text",
    "rows": "e.rows",
}
SELECTED = ", ".join(COLUMNS.values())
KINDS = list(COLUMNS).index("kinds")
BY_ID = f"SELECT e.id, {SELECTED} FROM victimcare_accessentry e WHERE e.id = ANY(%s)"  # noqa: S608  # our own columns


def of_ids(ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Those lines that are in the log, in canonical JSON."""
    with connection.cursor() as cursor:
        cursor.execute(BY_ID, [list(ids)])
        return {entry: in_canonical_form(values) for entry, *values in cursor.fetchall()}


def in_canonical_form(values: Sequence[Any]) -> bytes:
    """`values` as SELECTED gives them."""
    row = dict(zip(COLUMNS, values, strict=True))
    row["kinds"] = json.loads(values[KINDS])
    return canonical(row)
