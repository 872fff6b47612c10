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
OF_AUDITED_PLACE = "app.sees_as_auditor(organization_id)"
OF_AUDITED_TEAM = "app.sees_as_auditor_of(scope_team_id)"
# The same in tables of which the auditor's pages read very many rows: asked once a statement.
OF_AUDITED_PLACES = "organization_id = ANY ((SELECT app.audited_places())::uuid[])"
OF_AUDITED_TEAMS = "scope_team_id = ANY ((SELECT app.audited_teams())::uuid[])"
# HMAC-SHA256 of what the scope says, by the key that only the owner reads.
SIGNATURE = """encode(sha256(key.outer_pad || sha256(key.inner_pad
                || convert_to(said[1] || '|' || said[2], 'UTF8'))), 'hex')"""
# Whether the scope is one that the application signed, for a user, and not too long ago. What nobody signed
# is never cast.
BELIEVED = f"""
    PERFORM FROM app.scope_key key WHERE cardinality(said) = 3 AND said[3] = {SIGNATURE};
    IF FOUND AND starts_with(said[1], 'user:')
       AND to_timestamp(said[2]::double precision) >= clock_timestamp() THEN
        acting := split_part(said[1], ':', 2)::uuid;
    END IF;"""
# The one record within which somebody acts (victimcare/acting.py); NULL where they do not.
WITHIN = "nullif(split_part(said[1], ':', 3), '')::uuid"
# A membership that holds now.
WORKING = (
    "work.retired_at IS NULL AND work.started_at <= clock_timestamp()"
    " AND (work.ended_at IS NULL OR work.ended_at > clock_timestamp())"
)


def function(signature: str, returns: str, body: str, declare: str = "") -> str:
    """A function of the schema `app` that belongs to the owner and reads what the acting user may not."""
    return f"""
CREATE FUNCTION app.{signature} RETURNS {returns}
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
{f"DECLARE {declare}" if declare else ""}
BEGIN
    {body.strip()}
END $$;
"""


def asked(signature: str, returns: str, body: str, declare: str = "") -> str:
    """A function about who acts, in as few queries as can be: one runs in front of nearly every statement.
    The user is `acting`, NULL unless the scope is good; then `WITHIN` is believed too.
    """
    said = "said text[] := string_to_array(current_setting('app.scope', true), '|'); acting uuid;"
    return function(signature, returns, BELIEVED + body, f"{said} {declare}".strip())


def sees(name: str, table: str, where: str = "") -> str:
    """`app.<name>(id)`: the user who acts sees that row of `table`, by the table's own policies. For what is
    asked of few rows: a policy that reads another table is planned with each statement, this once a session.
    """
    return f"""
CREATE FUNCTION app.{name}(asked uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.{table} WHERE {where or "id = asked"}) AND app.me() IS NOT NULL;
END $$;
"""


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
    system jobs that may: {"read": ("expiry",)}. They are asked for a row that no user's expression opens: a
    job that goes through very many rows is named in the expression itself, by `is_job`.
    """
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        # Where a managed server gives nobody BYPASSRLS, dumps and migrations need it.
        f"CREATE POLICY owner ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)",
    ]
    said = {"read": read, "add": add, "change": change, "remove": remove}
    for name, expression in said.items():
        if whole := _or(expression, _jobs((jobs or {}).get(name, ()), alone=not expression)):
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
    statements = [_policy(table, name, "read", read)]
    backwards = [f"DROP POLICY {name} ON {table}"]
    if add:
        statements.append(_policy(table, f"{name}_add", "add", add))
        backwards.append(f"DROP POLICY {name}_add ON {table}")
    return RunSQL(";\n".join(statements), ";\n".join(backwards))


def stays(table: str, *names: str, trigger: str = "stays") -> RunSQL:
    """These columns keep what they were given: what opens a row to somebody is not pointed elsewhere. Columns
    that a trigger sets itself need one of their own.
    """
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    return RunSQL(
        f"CREATE TRIGGER {trigger} BEFORE UPDATE OF {', '.join(names)} ON {table} FOR EACH ROW"
        f" WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION app.refuse_another()",
        f"DROP TRIGGER {trigger} ON {table}",
    )


def _policy(table: str, name: str, command: str, expression: str) -> str:
    kinds = {
        "read": f"FOR SELECT USING ({expression})",
        "add": f"FOR INSERT WITH CHECK ({expression})",
        "change": f"FOR UPDATE USING ({expression}) WITH CHECK ({expression})",
        "remove": f"FOR DELETE USING ({expression})",
    }
    return f"CREATE POLICY {name} ON {table} {kinds[command]}"


def is_job(*names: str) -> str:
    """One of these jobs acts: asked once a statement."""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"(SELECT app.job()) IN ({listed})"


def _jobs(names: tuple[str, ...], *, alone: bool) -> str:
    if not names or alone:
        return is_job(*names) if names else ""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"app.sees_as_job({listed})"


def _or(*expressions: str) -> str:
    return " OR ".join(f"({one})" for one in expressions if one)


# What stands outside of the second wall: table -> why.
OUTSIDE = {
    "account_emailaddress": "of accounts; empty, nobody signs up",
    "account_emailconfirmation": "of accounts; empty, nobody signs up",
    "auth_group": "empty",
    "auth_group_permissions": "empty",
    "auth_permission": "names of permissions",
    "certification_accreditationkind": "schemes for institutions",
    "certification_schemeversion": "schemes for persons",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations",
    "mfa_authenticator": "second factors of accounts, read before anybody acts",
    "referrals_service": "the directory",
    "referrals_serviceatlocation": "the directory",
    "victimcare_memberstate": "facts of states",
    "victimcare_organizationkey": "which key is an organisation's",
    "victimcare_statekey": "wrapped by the root key",
    "victimcare_subjectkey": "wrapped by a state's key",
    "victimcare_user": "accounts of those who work here, read before anybody acts",
    "victimcare_user_groups": "empty",
    "victimcare_user_user_permissions": "empty",
}
