"""How a migration puts a table behind the second wall.

Row-level security is forced, the owner too: what no policy names is not there. Each policy has one command,
and says who may in an expression over the row's own columns. What does not depend on the row stands in a
sub-select, so that it is asked once a statement: `(SELECT app.my_teams())`.
"""

from django.db.migrations import RunSQL

SIGNED_IN = "(SELECT app.me()) IS NOT NULL"
SOMEBODY = "(SELECT app.someone())"  # a user or a job
# What the job "audit" looks through for an auditor: rows of the member states that they audit.
OF_AUDITED_STATE = "member_state_id = ANY ((SELECT app.audited_states())::text[])"
OF_AUDITED_PLACE = "organization_id = ANY ((SELECT app.audited_places())::uuid[])"
OF_AUDITED_TEAM = "scope_team_id = ANY ((SELECT app.audited_teams())::uuid[])"
# A membership of the user `acting` that holds now, in a function of PL/pgSQL.
WORKING = (
    "user_id = acting AND retired_at IS NULL AND started_at <= clock_timestamp()"
    " AND (ended_at IS NULL OR ended_at > clock_timestamp())"
)


def secure(
    table: str,
    *,
    read: str = "",
    add: str = "",
    change: str = "",
    remove: str = "",
    jobs: dict[str, tuple[str, ...]] | None = None,
) -> RunSQL:
    """Each of `read`, `add`, `change` and `remove` is an expression; without one nobody may. `jobs` names the
    system jobs that may: {"read": ("expiry",)}.
    """
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        # Where a managed server gives nobody BYPASSRLS, dumps and migrations need it.
        f"CREATE POLICY owner ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)",
    ]
    said = {"read": read, "add": add, "change": change, "remove": remove}
    for name, expression in said.items():
        if whole := _or(expression, _jobs((jobs or {}).get(name, ()))):
            statements.append(_policy(table, name, name, whole))
    policies = ["owner", *(name for name in said if said[name] or name in (jobs or {}))]
    backwards = [f"DROP POLICY {name} ON {table}" for name in policies]
    backwards += [
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    return RunSQL(";\n".join(statements), ";\n".join(backwards))


def also(table: str, name: str, *, read: str, add: str = "") -> RunSQL:
    """One more reason for users to read, or to add, rows of a table of a lower app."""
    statements = [_policy(table, name, "read", f"{SIGNED_IN} AND ({read})")]
    backwards = [f"DROP POLICY {name} ON {table}"]
    if add:
        statements.append(_policy(table, f"{name}_add", "add", add))
        backwards.append(f"DROP POLICY {name}_add ON {table}")
    return RunSQL(";\n".join(statements), ";\n".join(backwards))


def stays(table: str, *names: str) -> RunSQL:
    """These columns keep what they were given: what opens a row to somebody is not pointed elsewhere."""
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    return RunSQL(
        f"CREATE TRIGGER stays BEFORE UPDATE OF {', '.join(names)} ON {table} FOR EACH ROW"
        f" WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION app.refuse_another()",
        f"DROP TRIGGER stays ON {table}",
    )


def _policy(table: str, name: str, command: str, expression: str) -> str:
    kinds = {
        "read": f"FOR SELECT USING ({expression})",
        "add": f"FOR INSERT WITH CHECK ({expression})",
        "change": f"FOR UPDATE USING ({expression}) WITH CHECK ({expression})",
        "remove": f"FOR DELETE USING ({expression})",
    }
    return f"CREATE POLICY {name} ON {table} {kinds[command]}"


def _jobs(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"(SELECT app.job()) IN ({listed})"


def _or(*expressions: str) -> str:
    return " OR ".join(f"({one})" for one in expressions if one)
