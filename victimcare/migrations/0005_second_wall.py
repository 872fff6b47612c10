"""Row-level security: who acts, as the database knows it, and the policies of this app's tables.

The application signs who acts (victimcare/scope.py); these functions believe nothing else. They belong to the
owner and read what the acting user may not. A forged, a broken or an expired scope is nobody's. None of them
is volatile: in a sub-select they run once a statement.
"""

from django.db import migrations

from victimcare.row_security import (
    OF_AUDITED_PLACES,
    OF_AUDITED_STATE,
    SIGNATURE,
    SIGNED_IN,
    SOMEBODY,
    WORKING,
    asked,
    function,
    is_job,
    secure,
    stays,
)

KEY = """
CREATE SCHEMA app;
CREATE TABLE app.scope_key (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64)
);
"""

REFUSE = """
CREATE FUNCTION app.refuse_another() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a row of % keeps what it belongs to', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
"""

ACTOR = function(
    "actor()",
    "text",
    f"""
    IF cardinality(said) IS DISTINCT FROM 3 THEN
        RETURN NULL;
    END IF;
    SELECT * INTO key FROM app.scope_key;
    IF {SIGNATURE} IS DISTINCT FROM said[3] THEN
        RETURN NULL;
    END IF;
    IF to_timestamp(said[2]::double precision) < clock_timestamp() THEN
        RETURN NULL;
    END IF;
    RETURN said[1];
    """,
    "said text[] := string_to_array(current_setting('app.scope', true), '|'); key app.scope_key;",
)

WHO = (
    asked(
        "me()",
        "uuid",
        """
    RETURN (SELECT account.id FROM public.victimcare_user account
             WHERE account.id = acting AND account.is_active);
    """,
    )
    + function(
        "job()",
        "text",
        "RETURN CASE WHEN starts_with(actor, 'job:') THEN split_part(actor, ':', 2) END;",
        "actor text := app.actor();",
    )
    + """
-- Behind all that opens a row to a user, to whom it costs next to nothing.
CREATE FUNCTION app.sees_as_job(VARIADIC names text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN starts_with(current_setting('app.scope', true), 'job:') AND app.job() = ANY (names);
END $$;
"""
    + function("someone()", "boolean", "RETURN app.me() IS NOT NULL OR app.job() IS NOT NULL;")
)

# Where the acting user works now, in one of these roles.
WORK = f"""
             FROM public.victimcare_membership work
             JOIN public.victimcare_user account ON account.id = work.user_id
            WHERE work.user_id = acting AND account.is_active AND {WORKING}"""
PLACES = (
    asked(
        "places_as(VARIADIC roles text[])",
        "uuid[]",
        f"RETURN ARRAY(SELECT work.organization_id {WORK} AND work.role = ANY (roles));",
    )
    + asked(
        "teams_as(VARIADIC roles text[])",
        "uuid[]",
        f"RETURN ARRAY(SELECT work.team_id {WORK} AND work.role = ANY (roles) AND work.team_id IS NOT NULL);",
    )
    + asked("my_places()", "uuid[]", f"RETURN ARRAY(SELECT work.organization_id {WORK});")
    + function(
        "states_as(VARIADIC roles text[])",
        "text[]",
        "RETURN ARRAY(SELECT member_state_id::text FROM public.victimcare_organization WHERE id = ANY (places));",
        "places uuid[] := CASE WHEN roles IS NULL THEN app.my_places() ELSE app.places_as(VARIADIC roles) END;",
    )
)

# The member states of the auditor for whom the job "audit" looks; all of them for who runs it on the server.
AUDITORS = (
    function(
        "audited_states()",
        "text[]",
        f"""
    IF actor IS NULL OR split_part(actor, ':', 1) <> 'job' OR split_part(actor, ':', 2) <> 'audit' THEN
        RETURN '{{}}';
    END IF;
    IF split_part(actor, ':', 3) = '' THEN
        RETURN ARRAY(SELECT code::text FROM public.victimcare_memberstate);
    END IF;
    RETURN ARRAY(
        SELECT place.member_state_id::text
          FROM public.victimcare_membership work
          JOIN public.victimcare_user account ON account.id = work.user_id
          JOIN public.victimcare_organization place ON place.id = work.organization_id
         WHERE work.user_id = split_part(actor, ':', 3)::uuid AND account.is_active
           AND {WORKING} AND work.role = 'auditor');
    """,
        "actor text := app.actor();",
    )
    + function(
        "audited_places()",
        "uuid[]",
        "RETURN ARRAY(SELECT id FROM public.victimcare_organization WHERE member_state_id = ANY (states));",
        "states text[] := app.audited_states();",
    )
    + function(
        "audited_teams()",
        "uuid[]",
        "RETURN ARRAY(SELECT id FROM public.victimcare_team WHERE organization_id = ANY (places));",
        "places uuid[] := app.audited_places();",
    )
    + """
-- Behind all that opens a row to a user, to whom these cost next to nothing.
CREATE FUNCTION app.sees_as_auditor(place uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN starts_with(current_setting('app.scope', true), 'job:audit')
       AND (SELECT member_state_id FROM public.victimcare_organization WHERE id = place)
           = ANY (app.audited_states());
END $$;

CREATE FUNCTION app.sees_as_auditor_of(team uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN starts_with(current_setting('app.scope', true), 'job:audit')
       AND app.sees_as_auditor((SELECT organization_id FROM public.victimcare_team WHERE id = team));
END $$;
"""
)

# Who works in a team that I supervise.
MY_PEOPLE = function(
    "my_people()",
    "uuid[]",
    """
    RETURN ARRAY(
        SELECT user_id FROM public.victimcare_membership
         WHERE team_id = ANY (teams) AND retired_at IS NULL
           AND (ended_at IS NULL OR ended_at > clock_timestamp()));
    """,
    "teams uuid[] := app.teams_as('supervisor');",
)

FUNCTIONS = (
    "states_as(text[])", "my_people()", "sees_as_auditor_of(uuid)", "sees_as_auditor(uuid)", "audited_teams()", "audited_places()",
    "audited_states()", "my_places()", "teams_as(text[])", "places_as(text[])",
    "someone()", "sees_as_job(text[])", "job()", "me()", "actor()",
)  # fmt: skip

COLLEAGUES = "user_id = (SELECT app.me()) OR organization_id = ANY ((SELECT app.my_places())::uuid[])"
ADMINISTERED = "organization_id = ANY ((SELECT app.places_as('admin'))::uuid[])"
# A line is written in one's own name, or in nobody's.
NOT_ONESELF = f"{ADMINISTERED} AND user_id IS DISTINCT FROM (SELECT app.me())"
OWN_LINE = "by_id IS NOT DISTINCT FROM (SELECT app.me()) OR (SELECT app.job()) IS NOT NULL"
# What the people of my teams did in my organisation, but for when they came in.
WATCHED = (
    "by_id = ANY ((SELECT app.my_people())::uuid[])"
    " AND organization_id = ANY ((SELECT app.places_as('supervisor'))::uuid[])"
    " AND action NOT IN ('sign_in', 'halfway', 'kept_out')"
)
OF_STATE = "chain = ANY ((SELECT app.states_as(VARIADIC NULL::text[]))::text[])"
AUDITED = "member_state_id = ANY ((SELECT app.states_as('auditor'))::text[])"


class Migration(migrations.Migration):
    dependencies = [("victimcare", "0004_lines_wait_for_their_seal"), ("django_tasks_database", "__latest__")]

    operations = [
        migrations.RunSQL(KEY, "DROP TABLE app.scope_key; DROP SCHEMA app"),
        migrations.RunSQL(REFUSE, "DROP FUNCTION app.refuse_another()"),
        migrations.RunSQL(
            ACTOR + WHO + PLACES + AUDITORS + MY_PEOPLE,
            ";\n".join(f"DROP FUNCTION app.{one}" for one in FUNCTIONS),
        ),
        secure(
            "victimcare_membership",
            read=f"{COLLEAGUES} OR {OF_AUDITED_PLACES}",
            add=NOT_ONESELF,
            change=ADMINISTERED,
            jobs={"read": ("lapses", "expiry", "departure", "log")},
        ),
        secure(
            "victimcare_location",
            read=SIGNED_IN,
            jobs={"read": ("expiry", "lapses")},
        ),
        secure("victimcare_historicallocation", read=SIGNED_IN),
        secure(
            "victimcare_accessentry",
            read=f"by_id = (SELECT app.me()) OR {AUDITED} OR ({WATCHED}) OR {OF_AUDITED_STATE}"
            f" OR {is_job('sealing')}",
            add=OWN_LINE,
        ),
        # The trigger that fills the queue runs as the owner: nobody takes a line out of it or puts one in.
        migrations.RunSQL(
            "ALTER FUNCTION victimcare_queue_for_seal() SECURITY DEFINER",
            "ALTER FUNCTION victimcare_queue_for_seal() SECURITY INVOKER",
        ),
        secure("victimcare_unsealedentry", jobs=dict.fromkeys(("read", "remove"), ("sealing",))),
        secure("victimcare_seal", read=OF_STATE, jobs=dict.fromkeys(("read", "add"), ("sealing",))),
        secure("victimcare_sealingkey", jobs=dict.fromkeys(("read", "add"), ("sealing",))),
        # Each app says who reads the steps of its records.
        secure("victimcare_step", add="(SELECT app.job()) IS NOT NULL"),
        # Everybody may know them, and nobody changes them here: other policies rely on them. Some actions lock an
        # organisation, for which the database asks whether it might be changed.
        secure("victimcare_team", read="true"),
        stays("victimcare_membership", "user_id", "organization_id", "team_id", "role"),
        secure("victimcare_organization", read="true"),
        migrations.RunSQL(
            f"CREATE POLICY locked ON victimcare_organization FOR UPDATE USING ({SOMEBODY}) WITH CHECK (false)",
            "DROP POLICY locked ON victimcare_organization",
        ),
        secure(
            "django_tasks_database_dbtaskresult",
            add=SOMEBODY,
            jobs=dict.fromkeys(("read", "change", "remove"), ("queue",)),
        ),
    ]
