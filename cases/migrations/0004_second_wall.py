"""Row-level security of cases, of persons, and of all that hangs on them.

A caseworker reads the cases granted to them, a supervisor those of their teams, and both what hangs on these. So that
a policy looks at its own row only, each row knows its case's team (`scope_team_id`): a foreign key of three columns
keeps it right when the case moves, and a trigger where there are no keys, in history and on persons, who may have
several cases. Who makes a case, or hands one over to another team, sees it until the end of that transaction.
"""

from django.db import migrations

from victimcare.row_security import (
    OF_AUDITED_PLACES,
    OF_AUDITED_TEAM,
    OF_AUDITED_TEAMS,
    WITHIN,
    WORKING,
    also,
    asked,
    function,
    secure,
    sees,
    stays,
)

# Where one works with cases, in the same query as who one is.
WHO_AND_WHERE = f"""
    places := ARRAY(
        SELECT work.organization_id
          FROM public.victimcare_membership work
          JOIN public.victimcare_user account ON account.id = work.user_id
         WHERE work.user_id = acting AND account.is_active AND {WORKING}
           AND work.role IN ('caseworker', 'supervisor'));
    IF places = '{{}}' THEN
        RETURN '{{}}';
    END IF;
"""
GRANTED = """
        SELECT opened.content_object_id
          FROM public.cases_casegrant opened
         WHERE opened.user_id = acting
           AND opened.scope_codename = 'work_on_case'
           AND opened.scope_organization_id = ANY (places)"""
IN_AN_EMERGENCY = """
        SELECT emergency.case_id
          FROM public.cases_emergencyaccess emergency
         WHERE emergency.user_id = acting
           AND emergency.retired_at IS NULL
           AND emergency.opened_at <= clock_timestamp() AND emergency.until > clock_timestamp()
           AND EXISTS (SELECT FROM public.victimcare_team team
                        WHERE team.id = emergency.scope_team_id AND team.organization_id = ANY (places))"""
# In front of nearly every statement of a caseworker: grants come from an index alone.
MY_CASES = asked(
    "my_cases()",
    "uuid[]",
    f"""{WHO_AND_WHERE}
    within := {WITHIN};
    IF within IS NULL THEN
        RETURN ARRAY({GRANTED}
            UNION ALL {IN_AN_EMERGENCY});
    END IF;
    IF EXISTS ({GRANTED} AND opened.content_object_id = within)
       OR EXISTS ({IN_AN_EMERGENCY} AND emergency.case_id = within) THEN
        RETURN ARRAY[within];
    END IF;
    RETURN '{{}}';
    """,
    "places uuid[]; within uuid;",
)
# Cases whose counselling notes were opened to me. It is no way to a case of its own.
MY_COUNSELLED = asked(
    "my_counselled()",
    "uuid[]",
    f"""{WHO_AND_WHERE}
    RETURN ARRAY(
        SELECT opened.content_object_id
          FROM public.cases_casegrant opened
         WHERE opened.user_id = acting
           AND opened.scope_codename = 'read_counselling'
           AND opened.scope_organization_id = ANY (places));
    """,
    "places uuid[];",
)
# The keys under which the persons of my cases lie: a log names nothing else of them.
MY_SUBJECTS = function(
    "my_subjects()",
    "uuid[]",
    """
    RETURN ARRAY(
        SELECT subject_key_id FROM public.cases_case WHERE id = ANY (cases)
        UNION
        SELECT subject_key_id FROM public.cases_case WHERE team_id = ANY (teams));
    """,
    "cases uuid[] := app.my_cases(); teams uuid[] := app.my_teams();",
)
# Search before create tells a colleague that a team of their own organisation may know this person: which team, and
# which case is noted in the log. Nothing else of the case comes out.
CASES_HELD = function(
    "cases_held(persons uuid[])",
    "TABLE (id uuid, organization_id uuid, team_id uuid, subject_key_id uuid)",
    """
    RETURN QUERY
        SELECT held.id, held.organization_id, held.team_id, held.subject_key_id
          FROM public.cases_case held
         WHERE held.person_id = ANY (persons)
           AND held.organization_id = ANY (places)
           AND held.retired_at IS NULL
         ORDER BY held.id;
    """,
    "places uuid[] := app.places_as('caseworker', 'supervisor');",
)
MINE = (
    function("my_teams()", "uuid[]", "RETURN app.teams_as('supervisor');")
    + MY_CASES
    + MY_COUNSELLED
    + MY_SUBJECTS
    + function("my_registers()", "uuid[]", "RETURN app.places_as('caseworker', 'supervisor', 'provider');")
    + CASES_HELD
    + function("sees_as_maker(maker uuid)", "boolean", "RETURN maker = app.me();")
    + sees("sees_case", "cases_case")
    + sees("sees_person", "cases_person")
)

SCOPES = """
CREATE FUNCTION app.scope_by_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT team_id INTO NEW.scope_team_id FROM public.cases_case WHERE id = NEW.case_id;
    RETURN NEW;
END $$;

CREATE FUNCTION app.scope_of_case_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT team_id INTO NEW.scope_team_id FROM public.cases_case WHERE id = NEW.id;
    RETURN NEW;
END $$;

CREATE FUNCTION app.scope_of_grant() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT organization_id INTO NEW.scope_organization_id FROM public.cases_case WHERE id = NEW.content_object_id;
    SELECT codename INTO NEW.scope_codename FROM public.auth_permission WHERE id = NEW.permission_id;
    -- A grant is the consequence of an assignment, whoever writes it.
    IF NOT EXISTS (
        SELECT FROM public.cases_assignment given
         WHERE given.case_id = NEW.content_object_id AND given.user_id = NEW.user_id AND given.ended_at IS NULL
           AND given.retired_at IS NULL AND (NEW.scope_codename = 'work_on_case' OR given.counsels)) THEN
        RAISE EXCEPTION 'a case is opened to who is assigned to it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION app.scope_of_case_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT id, team_id INTO NEW.scope_case_id, NEW.scope_team_id FROM public.cases_case WHERE id = NEW.object_id;
    RETURN NEW;
END $$;

CREATE FUNCTION app.scope_by_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT scope_team_ids, scope_case_ids INTO NEW.scope_team_ids, NEW.scope_case_ids
      FROM public.cases_person WHERE id = NEW.person_id;
    RETURN NEW;
END $$;

CREATE FUNCTION app.scope_of_person_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT scope_team_ids, scope_case_ids INTO NEW.scope_team_ids, NEW.scope_case_ids
      FROM public.cases_person WHERE id = NEW.id;
    RETURN NEW;
END $$;

-- A person, and the ways to reach them, are seen with each of their cases.
CREATE FUNCTION app.scope_of_person_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
    teams uuid[];
    cases uuid[];
BEGIN
    SELECT array_agg(DISTINCT team_id), array_agg(id) INTO teams, cases
      FROM public.cases_case WHERE person_id = NEW.person_id;
    UPDATE public.cases_person SET scope_team_ids = teams, scope_case_ids = cases WHERE id = NEW.person_id;
    UPDATE public.cases_historicalperson SET scope_team_ids = teams, scope_case_ids = cases WHERE id = NEW.person_id;
    UPDATE public.cases_contactpoint SET scope_team_ids = teams, scope_case_ids = cases
     WHERE person_id = NEW.person_id;
    UPDATE public.cases_historicalcontactpoint SET scope_team_ids = teams, scope_case_ids = cases
     WHERE person_id = NEW.person_id;
    RETURN NULL;
END $$;

CREATE FUNCTION app.case_handed_over() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.scope_made_at := now();
    NEW.scope_made_by := app.me();
    RETURN NEW;
END $$;
"""

CHILDREN = (
    "assignment", "consent", "emergencyaccess", "enrolment", "importedrow", "incident", "note", "party",
    "substanceuse",
)  # fmt: skip

FOLLOWS = """
CREATE FUNCTION app.histories_follow_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
    UPDATE public.cases_historicalcase SET scope_team_id = NEW.team_id WHERE id = NEW.id;
    UPDATE public.victimcare_step SET scope_team_id = NEW.team_id WHERE object_id = NEW.id;
    {updates}
    RETURN NULL;
END $$;

CREATE TRIGGER case_handed_over BEFORE UPDATE OF team_id ON cases_case
FOR EACH ROW WHEN (OLD.team_id IS DISTINCT FROM NEW.team_id) EXECUTE FUNCTION app.case_handed_over();
CREATE TRIGGER histories_follow AFTER UPDATE OF team_id ON cases_case
FOR EACH ROW WHEN (OLD.team_id IS DISTINCT FROM NEW.team_id) EXECUTE FUNCTION app.histories_follow_case();
CREATE TRIGGER person_is_new AFTER INSERT ON cases_case
FOR EACH ROW EXECUTE FUNCTION app.scope_of_person_follows();
CREATE TRIGGER person_follows AFTER UPDATE OF team_id, person_id ON cases_case
FOR EACH ROW WHEN ((OLD.team_id, OLD.person_id) IS DISTINCT FROM (NEW.team_id, NEW.person_id))
EXECUTE FUNCTION app.scope_of_person_follows();
""".format(
    updates="\n    ".join(
        f"UPDATE public.cases_historical{child} SET scope_team_id = NEW.team_id WHERE case_id = NEW.id;"
        for child in CHILDREN
    )
)

# Own cases first: for a caseworker, the teams are then not asked for.
BY_CASE = (
    "{case} = ANY ((SELECT app.my_cases())::uuid[]) OR scope_team_id = ANY ((SELECT app.my_teams())::uuid[])"
)
OF_CHILD = BY_CASE.format(case="case_id")
OF_PERSON = "scope_case_ids && (SELECT app.my_cases()) OR scope_team_ids && (SELECT app.my_teams())"
# What this transaction made, its maker sees until it ends.
# It is asked of rows made now only, so that no other statement asks who acts once more.
MADE_NOW = "(scope_made_at = now() AND app.sees_as_maker({maker}))"
MADE_HERE = MADE_NOW.format(maker="created_by_id")
OF_CASE = (
    "id = ANY ((SELECT app.my_cases())::uuid[]) OR team_id = ANY ((SELECT app.my_teams())::uuid[])"
    " OR " + MADE_NOW.format(maker="coalesce(scope_made_by, created_by_id)")
)
IN_REGISTER = "organization_id = ANY ((SELECT app.my_registers())::uuid[])"
OF_SEEN_PERSON = "app.sees_person({person})"
OF_SEEN_CASE = "app.sees_case({case})"
# By a supervisor of its team, or by who makes the case.
GIVEN_HERE = (
    "EXISTS (SELECT FROM cases_case seen WHERE seen.id = content_object_id"
    " AND (seen.team_id = ANY ((SELECT app.my_teams())::uuid[]) OR seen.scope_made_at = now()))"
)
IMPORT = {"read": ("import",), "add": ("import",)}
# What an auditor's job finds: who worked on which case, and until when a consent held.
AUDITED = ("assignment", "consent", "emergencyaccess")
# Where a child differs from the others.
READ = {
    "note": f"({OF_CHILD}) AND (kind <> 'counselling' OR case_id = ANY ((SELECT app.my_counselled())::uuid[]))",
    # One's own are asked for in each list of cases; others' are few, and open with their case (for who makes a
    # case or hands it over, until that transaction ends).
    "emergencyaccess": "user_id = (SELECT app.me()) OR app.sees_case(case_id)",
}
ADD = {
    # Of a case that one does not see yet, where one works with cases.
    "emergencyaccess": "user_id = (SELECT app.me()) AND EXISTS (SELECT FROM victimcare_team team"
    " WHERE team.id = scope_team_id"
    " AND team.organization_id = ANY ((SELECT app.places_as('caseworker', 'supervisor'))::uuid[]))",
}
JOBS = {
    "assignment": {
        "read": ("import", "departure"), "add": ("import",), "change": ("departure",),
    },
    "emergencyaccess": {},
}  # fmt: skip


def columns(table: str, *added: str) -> migrations.RunSQL:
    names = [one.split()[0] for one in added]
    return migrations.RunSQL(
        f"ALTER TABLE {table} " + ", ".join(f"ADD COLUMN {one}" for one in added),
        f"ALTER TABLE {table} " + ", ".join(f"DROP COLUMN {name}" for name in names),
    )


def filled(table: str, function: str, when: str = "true") -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER scope BEFORE INSERT ON {table} FOR EACH ROW WHEN ({when})"
        f" EXECUTE FUNCTION app.{function}()",
        f"DROP TRIGGER scope ON {table}",
    )


def hangs_on_case(table: str) -> migrations.RunSQL:
    """Under the case's key, and always in the scope of the case's team."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_its_case"
        " FOREIGN KEY (case_id, subject_key_id, scope_team_id) REFERENCES cases_case (id, subject_key_id, team_id)"
        " ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_of_its_case",
    )


def child(name: str) -> list[migrations.RunSQL]:
    table, history = f"cases_{name}", f"cases_historical{name}"
    read = READ.get(name, OF_CHILD)
    return [
        columns(table, "scope_team_id uuid NOT NULL"),
        filled(table, "scope_by_case"),
        hangs_on_case(table),
        secure(
            table,
            read=f"{read} OR {OF_AUDITED_TEAM}" if name in AUDITED else read,
            add=ADD.get(name, OF_SEEN_CASE.format(case="case_id")),
            change="" if name == "emergencyaccess" else read,
            jobs=JOBS.get(name, IMPORT),
        ),
        stays(table, "case_id", "subject_key_id"),
        columns(history, "scope_team_id uuid NOT NULL"),
        filled(history, "scope_by_case"),
        secure(
            history,
            read=f"{read} OR {OF_AUDITED_TEAM}" if name == "assignment" else read,
            add=OF_SEEN_CASE.format(case="case_id"),
            jobs={"add": ("import", "departure")},
        ),
    ]


PERSON_SCOPE = ("scope_team_ids uuid[] NOT NULL DEFAULT '{}'", "scope_case_ids uuid[] NOT NULL DEFAULT '{}'")
MADE_AT = "scope_made_at timestamptz NOT NULL DEFAULT now()"


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_records_hang_together"), ("victimcare", "0005_second_wall")]

    operations = [
        columns("cases_case", MADE_AT, "scope_made_by uuid"),
        columns("cases_historicalcase", "scope_team_id uuid NOT NULL"),
        columns("cases_person", MADE_AT, *PERSON_SCOPE),
        columns("cases_historicalperson", *PERSON_SCOPE),
        columns("cases_contactpoint", MADE_AT, *PERSON_SCOPE),
        columns("cases_historicalcontactpoint", *PERSON_SCOPE),
        columns(
            "cases_casegrant", "scope_organization_id uuid NOT NULL", "scope_codename varchar(100) NOT NULL"
        ),
        columns("victimcare_step", "scope_case_id uuid", "scope_team_id uuid"),
        migrations.RunSQL(
            MINE + SCOPES,
            "DROP FUNCTION app.sees_person(uuid), app.sees_case(uuid), app.sees_as_maker(uuid), app.cases_held(uuid[]), app.my_subjects(), app.my_registers(), app.my_counselled(), app.my_cases(), app.my_teams(),"
            " app.scope_by_case(), app.scope_of_case_history(), app.scope_of_grant(), app.scope_of_case_step(), app.scope_by_person(),"
            " app.scope_of_person_history(), app.scope_of_person_follows(), app.case_handed_over()",
        ),
        filled("cases_historicalcase", "scope_of_case_history"),
        filled("cases_historicalperson", "scope_of_person_history"),
        filled("cases_contactpoint", "scope_by_person"),
        filled("cases_historicalcontactpoint", "scope_by_person"),
        filled("cases_casegrant", "scope_of_grant"),
        filled("victimcare_step", "scope_of_case_step", "NEW.object_label = 'cases.Case'"),
        migrations.RunSQL(
            "CREATE INDEX cases_of_user ON cases_casegrant"
            " (user_id, scope_codename, scope_organization_id, content_object_id)",
            "DROP INDEX cases_of_user",
        ),
        secure(
            "cases_case",
            read=f"{OF_CASE} OR {OF_AUDITED_PLACES}",
            add=f"{IN_REGISTER} AND {OF_SEEN_PERSON.format(person='person_id')}",
            change=OF_CASE,
            jobs=IMPORT | {"read": ("import", "departure")},
        ),
        secure(
            "cases_historicalcase",
            read=f"{BY_CASE.format(case='id')} OR {OF_AUDITED_TEAMS}",
            add=OF_SEEN_CASE.format(case="cases_historicalcase.id"),
            jobs={"add": ("import",)},
        ),
        secure(
            "cases_person",
            read=f"{OF_PERSON} OR {MADE_HERE}",
            add=IN_REGISTER,
            change=f"{OF_PERSON} OR {MADE_HERE}",
            jobs=IMPORT,
        ),
        secure(
            "cases_historicalperson",
            read=OF_PERSON,
            add=OF_SEEN_PERSON.format(person="cases_historicalperson.id"),
            jobs={"add": ("import",)},
        ),
        secure(
            "cases_contactpoint",
            read=f"{OF_PERSON} OR {MADE_HERE}",
            add=OF_SEEN_PERSON.format(person="person_id"),
            change=f"{OF_PERSON} OR {MADE_HERE}",
            jobs=IMPORT,
        ),
        secure(
            "cases_historicalcontactpoint",
            read=OF_PERSON,
            add=OF_SEEN_PERSON.format(person="person_id"),
            jobs={"add": ("import",)},
        ),
        secure(
            "cases_casegrant",
            read="user_id = (SELECT app.me()) OR " + OF_SEEN_CASE.format(case="content_object_id"),
            add=GIVEN_HERE,
            remove=GIVEN_HERE,
            jobs={"read": ("departure",), "remove": ("departure",)},
        ),
        # Under whose key it lies says whose it is, and when it was made opens it to its maker.
        stays("cases_case", "person_id", "organization_id", "subject_key_id"),
        stays("cases_case", "scope_made_at", "scope_made_by", trigger="made_stays"),
        stays("cases_person", "organization_id", "subject_key_id", "scope_made_at"),
        stays("cases_contactpoint", "person_id", "subject_key_id", "scope_made_at"),
        *(operation for name in CHILDREN for operation in child(name)),
        migrations.RunSQL(
            FOLLOWS,
            "DROP TRIGGER person_follows ON cases_case; DROP TRIGGER person_is_new ON cases_case;"
            " DROP TRIGGER histories_follow ON cases_case; DROP TRIGGER case_handed_over ON cases_case;"
            " DROP FUNCTION app.histories_follow_case()",
        ),
        # Of the case, and of what was referred from it. Its name sorts last, and so it is asked first.
        also(
            "victimcare_step",
            "read",
            read=BY_CASE.format(case="scope_case_id"),
            add="by_id = (SELECT app.me()) AND object_label = 'cases.Case'"
            f" AND {OF_SEEN_CASE.format(case='object_id')}",
        ),
        # Who saw it, for whom the case is.
        also(
            "victimcare_accessentry",
            "of_cases",
            read="subject_key_id = ANY ((SELECT app.my_subjects())::uuid[])",
        ),
    ]
