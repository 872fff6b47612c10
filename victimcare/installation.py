"""What follows each migration: reference data, and what the application's role may do to which table."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models

MEMBER_STATES = Path(__file__).parent / "data" / "member_states.json"
# Guardian's own tables stay empty: a grant is a direct foreign key (design section 3).
GENERIC_GRANTS = frozenset({"guardian_userobjectpermission", "guardian_groupobjectpermission"})


def load_member_states(**kwargs: Any) -> None:
    """Names and facts of the member states. What a state has set for itself is kept."""
    from victimcare.models import MemberState

    facts = json.loads(MEMBER_STATES.read_text(encoding="utf-8"))["members"]
    rows = [
        MemberState(
            code=fact["code"],
            names=fact["names"],
            languages=fact["official_languages"],
            calling_code=fact["calling_code"],
            identity_document=fact["identity_document"],
            identity_number_module=fact["identity_number_module"],
        )
        for fact in facts
    ]
    described = ["names", "languages", "calling_code", "identity_document", "identity_number_module"]
    states: models.QuerySet[MemberState] = models.QuerySet(MemberState)
    states.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=described)


def grant_application_role(**kwargs: Any) -> None:
    """The application reads and writes, owns nothing, and adds to a log or a history without changing it."""
    role = settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] == role:
            return  # One role does both (see docs/operations.md): there is nothing to grant.
        name = connection.ops.quote_name(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        tables = connection.introspection.table_names(cursor)
        for table in _append_only_tables(tables):
            cursor.execute(f"REVOKE UPDATE, DELETE ON {connection.ops.quote_name(table)} FROM {name}")
        for table in GENERIC_GRANTS.intersection(tables):
            cursor.execute(f"REVOKE ALL ON {connection.ops.quote_name(table)} FROM {name}")


def _append_only_tables(tables: list[str]) -> list[str]:
    logs = {"victimcare_accessentry", "victimcare_step", "django_migrations"}
    return [table for table in tables if table in logs or "_historical" in table]
