"""Two things that both walls know: an emergency opens the minimum first, and a conflict of interest locks a case.

A case that is locked to somebody is in none of the arrays that the policies ask for, and so no policy has to know of
it, of these tables or of any later one. A supervisor who is tied to a case of a team is asked by cases there, and not
by team (`app.my_led()`): who has no tie pays one look into an index. Nothing that runs in the user's own name says
which cases are locked to them: who is tied may be the one that the person fears.

The minimum of an emergency is opened by policies of its own, of the few tables that hold it. All others, also those
that come later, are closed to it.
"""

from importlib import import_module

from django.db import migrations

from victimcare.row_security import (
    OF_AUDITED_STATE,
    OF_AUDITED_TEAM,
    WORKING,
    asked,
    function,
    is_job,
    secure,
    sees,
    stays,
)

WALL = import_module("cases.migrations.0004_second_wall")
SEARCH = import_module("cases.migrations.0005_search")
ERASURES = import_module("cases.migrations.0006_erasures")
LOGS = import_module("victimcare.migrations.0005_second_wall")

RUNNING = "tie.lifted_at IS NULL AND tie.retired_at IS NULL"
TIED = f"public.cases_tie tie WHERE tie.user_id = {{who}} AND {RUNNING}"
MINE = TIED.format(who="acting")
OF_KEY = "EXISTS (SELECT FROM {mine} AND tie.subject_key_id = {key})"


def again(functions: str) -> str:
    return functions.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


IN_AN_EMERGENCY = WALL.IN_AN_EMERGENCY + " AND emergency.stage = 'whole'"
MY_CASES = asked(
    "my_cases()",
    "uuid[]",
    f"""{WALL.WHO_AND_WHERE}
    within := {WALL.WITHIN};
    IF EXISTS (SELECT FROM {MINE}) THEN
        RETURN ARRAY(
            SELECT held.id
              FROM ({WALL.GRANTED} UNION {IN_AN_EMERGENCY} UNION SELECT unnest(app.my_led())) seen (id)
              JOIN public.cases_case held ON held.id = seen.id
             WHERE (within IS NULL OR held.id = within)
               AND NOT {OF_KEY.format(mine=MINE, key="held.subject_key_id")});
    END IF;
    IF within IS NULL THEN
        RETURN ARRAY({WALL.GRANTED}
            UNION ALL {IN_AN_EMERGENCY});
    END IF;
    IF EXISTS ({WALL.GRANTED} AND opened.content_object_id = within)
       OR EXISTS ({IN_AN_EMERGENCY} AND emergency.case_id = within) THEN
        RETURN ARRAY[within];
    END IF;
    RETURN '{{}}';
    """,
    "places uuid[]; within uuid;",
)
# A team that holds a case which is locked to its supervisor.
HOLDS_LOCKED = f"""EXISTS (
               SELECT FROM public.cases_tie tie
                 JOIN public.cases_case locked ON locked.subject_key_id = tie.subject_key_id
                WHERE tie.user_id = acting AND {RUNNING} AND locked.team_id = work.team_id)"""
MY_TEAMS = asked(
    "my_teams()",
    "uuid[]",
    f"""RETURN ARRAY(SELECT work.team_id {LOGS.WORK} AND work.role = 'supervisor' AND work.team_id IS NOT NULL
           AND NOT {HOLDS_LOCKED});""",
)
# The other cases of such teams.
MY_LED = asked(
    "my_led()",
    "uuid[]",
    f"""
    IF NOT EXISTS (SELECT FROM {MINE}) THEN
        RETURN '{{}}';
    END IF;
    RETURN ARRAY(
        SELECT led.id FROM public.cases_case led
         WHERE led.team_id IN (SELECT work.team_id {LOGS.WORK} AND work.role = 'supervisor' AND {HOLDS_LOCKED})
           AND NOT {OF_KEY.format(mine=MINE, key="led.subject_key_id")});
    """,
)
# An answer to who knows the key already.
IS_LOCKED = asked("is_locked(key uuid)", "boolean", f"RETURN {OF_KEY.format(mine=MINE, key='key')};")
LOCKED_CASES = function(
    "locked_cases(reader uuid)",
    "uuid[]",
    f"""
    IF app.job() IS DISTINCT FROM 'ties' THEN
        RETURN '{{}}';
    END IF;
    RETURN ARRAY(
        SELECT held.id FROM public.cases_tie tie
          JOIN public.cases_case held ON held.subject_key_id = tie.subject_key_id
         WHERE tie.user_id = reader AND {RUNNING}
        UNION
        SELECT held.id FROM public.victimcare_membership work
          JOIN public.cases_tie tie ON tie.place_id = work.organization_id AND {RUNNING}
          JOIN public.cases_case held
            ON held.subject_key_id = tie.subject_key_id AND held.organization_id <> tie.place_id
         WHERE work.user_id = reader AND {WORKING} AND work.role = 'provider');
    """,
)
# Cases of which an own emergency opens the minimum; not those that are assigned to me as well.
MY_MINIMUM = asked(
    "my_minimum()",
    "uuid[]",
    f"""{WALL.WHO_AND_WHERE}
    RETURN ARRAY({WALL.IN_AN_EMERGENCY} AND emergency.stage = 'minimum'
           AND NOT EXISTS ({WALL.GRANTED} AND opened.content_object_id = emergency.case_id)
           AND NOT {OF_KEY.format(mine=MINE, key="emergency.subject_key_id")});
    """,
    "places uuid[];",
)
SEES_CASE = """
CREATE OR REPLACE FUNCTION app.sees_case(asked uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Who sees the minimum adds nothing to it, and does not see what hangs on it.
    RETURN EXISTS (SELECT FROM public.cases_case WHERE id = asked) AND app.me() IS NOT NULL
       AND asked <> ALL (app.my_minimum());
END $$;
"""
SEES_PERSON = f"""
CREATE OR REPLACE FUNCTION app.sees_person(asked uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- The same: by the policy of who sees more than the minimum.
    RETURN EXISTS (SELECT FROM public.cases_person WHERE id = asked AND ({WALL.OF_PERSON} OR {WALL.MADE_HERE}))
       AND app.me() IS NOT NULL;
END $$;
"""
NOT_LOCKED = f"NOT {OF_KEY.format(mine=TIED.format(who='app.me()'), key='{key}')}"


def without_locked(functions: str, *beginnings: str) -> str:
    """Those of the functions, which leave one's own cases, but what is locked. Raises ValueError where one has no place
    for that.
    """
    made = []
    for part in functions.split("CREATE FUNCTION ")[1:]:
        if part.startswith(beginnings):
            found = part
            for place, more in PLACES.items():
                found = found.replace(place, f"{place} AND {more}")
            if found == part:
                raise ValueError(f"What is locked was not left out of {part.splitlines()[0]}.")
            made.append(f"CREATE FUNCTION {found}")
    if len(made) != len(beginnings):
        raise ValueError("A function is missing.")
    return "".join(made)


PLACES = {
    "AND held.retired_at IS NULL": NOT_LOCKED.format(key="held.subject_key_id"),
    "WHERE of.subject_key_id = ANY (keys)": f"""NOT EXISTS (
               SELECT FROM public.cases_tie tie
                 JOIN public.cases_person known ON known.subject_key_id = tie.subject_key_id
                WHERE tie.user_id = app.me() AND {RUNNING} AND known.id = of.person_id)""",
}
SEARCHES = ("app.cards_alike", "app.cards_of_state", "app.cases_of_state")
CASES_HELD = without_locked(WALL.CASES_HELD, "app.cases_held")
SEARCHED = without_locked(SEARCH.FUNCTIONS, *SEARCHES)
# What a colleague opens in an emergency: by the number that they were told, or by what search hinted at.
CASES_TO_OPEN = function(
    "cases_to_open(asked uuid[], numbers text[])",
    "TABLE (id uuid, organization_id uuid, team_id uuid, subject_key_id uuid, number text)",
    f"""
    RETURN QUERY
        SELECT held.id, held.organization_id, held.team_id, held.subject_key_id, held.number::text
          FROM public.cases_case held
         WHERE (held.id = ANY (asked) OR held.number = ANY (numbers))
           AND held.organization_id = ANY (places)
           AND held.retired_at IS NULL AND held.erased_at IS NULL
           AND {NOT_LOCKED.format(key="held.subject_key_id")}
         ORDER BY held.id;
    """,
    "places uuid[] := app.places_as('caseworker', 'supervisor');",
)
REVIEWS = """(emergency.organization_id = ANY (app.places_as('privacy'))
                OR emergency.scope_team_id = ANY (app.my_teams()) OR emergency.case_id = ANY (app.my_led()))"""
# What an emergency showed, to who reviews it: when, of what, which kinds of data.
SHOWN_IN = function(
    "shown_in_emergency(asked uuid)",
    "TABLE (at timestamptz, action text, object_label text, kinds text[])",
    f"""
    RETURN QUERY
        SELECT entry.at, entry.action::text, entry.object_label::text, entry.kinds::text[]
          FROM public.cases_emergencyaccess emergency
          JOIN public.victimcare_accessentry entry
            ON entry.subject_key_id = emergency.subject_key_id AND entry.by_id = emergency.user_id
           AND entry.at >= emergency.opened_at AND entry.at <= emergency.until
         WHERE emergency.id = asked AND {REVIEWS}
           AND {NOT_LOCKED.format(key="emergency.subject_key_id")}
         ORDER BY entry.at;
    """,
)
# How often: numbers of one's own organisation.
COUNTED = function(
    "emergencies_counted(asked uuid, place uuid)",
    "TABLE (last_day bigint, last_month bigint, of_others bigint, others bigint)",
    f"""
    -- Of colleagues to who reviews; of oneself when one opens, so that those are told.
    IF place <> ALL (app.places_as('supervisor', 'privacy'))
       AND (asked IS DISTINCT FROM app.me() OR place <> ALL (app.places_as('caseworker'))) THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT count(*) FILTER (WHERE emergency.user_id = asked
                                  AND emergency.opened_at > clock_timestamp() - interval '24 hours'),
               count(*) FILTER (WHERE emergency.user_id = asked),
               count(*) FILTER (WHERE emergency.user_id <> asked),
               (SELECT count(DISTINCT work.user_id) FROM public.victimcare_membership work
                 WHERE work.organization_id = place AND work.user_id <> asked
                   AND work.role IN ('caseworker', 'supervisor') AND {WORKING})
          FROM public.cases_emergencyaccess emergency
         WHERE emergency.organization_id = place
           AND emergency.opened_at > clock_timestamp() - interval '30 days';
    """,
)
WROTE_TIE = function(
    "wrote_tie(asked uuid)",
    "boolean",
    "RETURN EXISTS (SELECT FROM public.cases_tie WHERE id = asked AND created_by_id = app.me());",
)
NAMES = (
    "wrote_tie(uuid)", "emergencies_counted(uuid, uuid)", "shown_in_emergency(uuid)",
    "cases_to_open(uuid[], text[])", "my_minimum()", "locked_cases(uuid)", "is_locked(uuid)", "my_led()",
)  # fmt: skip
FUNCTIONS = (
    MY_LED + IS_LOCKED + LOCKED_CASES + MY_MINIMUM + CASES_TO_OPEN + SHOWN_IN + COUNTED + WROTE_TIE
    + again(MY_TEAMS + MY_CASES + CASES_HELD + SEARCHED) + SEES_CASE + SEES_PERSON
)  # fmt: skip
BEFORE = again(
    function("my_teams()", "uuid[]", "RETURN app.teams_as('supervisor');")
    + WALL.MY_CASES
    + WALL.CASES_HELD
    + sees("sees_case", "cases_case")
    + sees("sees_person", "cases_person")
    + "".join(
        f"CREATE FUNCTION {part}"
        for part in SEARCH.FUNCTIONS.split("CREATE FUNCTION ")[1:]
        if part.startswith(SEARCHES)
    )
)

TRIGGERS = """
-- Who reviews it may not see the case: number and organisation stand on the row, and are the case's.
CREATE FUNCTION app.scope_of_emergency() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT team_id, organization_id, number INTO NEW.scope_team_id, NEW.organization_id, NEW.number
      FROM public.cases_case WHERE id = NEW.case_id;
    RETURN NEW;
END $$;

-- Who opened it goes on to the whole while it runs, or ends it sooner. Who reviews it changes nothing of that, and
-- closes the review once, when it is over. What was said stays said.
CREATE FUNCTION app.emergency_steps() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    acting uuid := app.me();
BEGIN
    IF acting IS NULL THEN
        RETURN NEW;
    END IF;
    IF NEW.until > OLD.until OR (NEW.stage <> OLD.stage AND (OLD.stage = 'whole' OR OLD.until <= clock_timestamp()))
       OR (acting <> OLD.user_id AND (NEW.until, NEW.stage, NEW.whole_at) IS DISTINCT FROM (OLD.until, OLD.stage, OLD.whole_at))
       OR (OLD.reviewed_at IS NOT NULL AND (NEW.reviewed_at, NEW.outcome) IS DISTINCT FROM (OLD.reviewed_at, OLD.outcome))
       OR (OLD.reviewed_at IS NULL AND NEW.reviewed_at IS NOT NULL
           AND (NEW.reviewed_by_id IS DISTINCT FROM acting OR OLD.until > clock_timestamp()))
       OR (NEW.words, NEW.retired_at) IS DISTINCT FROM (OLD.words, OLD.retired_at)
       OR (OLD.whole_at IS NOT NULL AND NEW.whole_words IS DISTINCT FROM OLD.whole_words)
       OR (OLD.reviewed_at IS NOT NULL AND NEW.review_words IS DISTINCT FROM OLD.review_words) THEN
        RAISE EXCEPTION 'an emergency access becomes no more than it was' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION app.ties_follow_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.cases_historicaltie SET scope_team_id = NEW.team_id WHERE case_id = NEW.id;
    RETURN NULL;
END $$;

DROP TRIGGER scope ON cases_emergencyaccess;
CREATE TRIGGER scope BEFORE INSERT ON cases_emergencyaccess FOR EACH ROW EXECUTE FUNCTION app.scope_of_emergency();
CREATE TRIGGER steps BEFORE UPDATE ON cases_emergencyaccess FOR EACH ROW EXECUTE FUNCTION app.emergency_steps();
CREATE TRIGGER ties_follow AFTER UPDATE OF team_id ON cases_case
FOR EACH ROW WHEN (OLD.team_id IS DISTINCT FROM NEW.team_id) EXECUTE FUNCTION app.ties_follow_case();
"""
NO_TRIGGERS = """
DROP TRIGGER ties_follow ON cases_case;
DROP TRIGGER steps ON cases_emergencyaccess;
DROP TRIGGER scope ON cases_emergencyaccess;
CREATE TRIGGER scope BEFORE INSERT ON cases_emergencyaccess FOR EACH ROW EXECUTE FUNCTION app.scope_by_case();
DROP FUNCTION app.ties_follow_case(), app.emergency_steps(), app.scope_of_emergency();
"""

NOT_MINE = "NOT app.is_locked(subject_key_id)"
LED = "{case} = ANY ((SELECT app.my_led())::uuid[])"
OF_THE_TEAM = f"(scope_team_id = ANY ((SELECT app.my_teams())::uuid[]) OR {LED.format(case='case_id')})"
WATCHED = "organization_id = ANY ((SELECT app.places_as('privacy'))::uuid[])"
OWN = f"user_id = (SELECT app.me()) AND {NOT_MINE}"
REVIEWED = f"user_id <> (SELECT app.me()) AND ({OF_THE_TEAM} OR {WATCHED}) AND {NOT_MINE}"


def altered(table: str, policy: str, was: str, now: str, *, checks: bool = False) -> migrations.RunSQL:
    """The same policy with another expression; `checks`: one for INSERT."""

    def said(expression: str) -> str:
        return f"WITH CHECK ({expression})" if checks else f"USING ({expression})"

    return migrations.RunSQL(
        f"ALTER POLICY {policy} ON {table} {said(now)}", f"ALTER POLICY {policy} ON {table} {said(was)}"
    )


def changing(table: str, was: str, now: str) -> list[migrations.RunSQL]:
    return [altered(table, "change", was, now), altered(table, "change", was, now, checks=True)]


def policy(table: str, name: str, said: str) -> migrations.RunSQL:
    return migrations.RunSQL(f"CREATE POLICY {name} ON {table} {said}", f"DROP POLICY {name} ON {table}")


def opened_minimum(table: str, expression: str) -> migrations.RunSQL:
    # Its name sorts before `read`, and so it is asked of what nothing else opens.
    return policy(table, "in_emergency", f"FOR SELECT USING ({expression})")


MINIMUM = "(SELECT app.my_minimum())"
OF_CASE = f"{{case}} = ANY ({MINIMUM}::uuid[])"
LOG_LINES = (
    f"by_id = (SELECT app.me()) OR {LOGS.AUDITED} OR ({LOGS.WATCHED}{{more}}) OR {OF_AUDITED_STATE}"
    f" OR {is_job('sealing')}"
)
HOLD = ERASURES.SUPERVISED
ERASING = "({team}) AND (approved_by_id IS NULL OR approved_by_id = (SELECT app.me()))"
GIVEN = WALL.GIVEN_HERE.replace("OR seen.scope", f"OR {LED.format(case='seen.id')} OR seen.scope")
ASKED = SEARCH.SUPERVISED.replace(
    "AND held.team_id = ANY ((SELECT app.my_teams())::uuid[])",
    f"AND (held.team_id = ANY ((SELECT app.my_teams())::uuid[]) OR {LED.format(case='held.id')})",
)

EMERGENCIES = [
    migrations.RunSQL(
        "DROP POLICY read ON cases_emergencyaccess; DROP POLICY add ON cases_emergencyaccess",
        f"CREATE POLICY read ON cases_emergencyaccess FOR SELECT USING (({WALL.READ['emergencyaccess']}) OR {OF_AUDITED_TEAM});"
        f"CREATE POLICY add ON cases_emergencyaccess FOR INSERT WITH CHECK ({WALL.ADD['emergencyaccess']})",
    ),
    policy(
        "cases_emergencyaccess",
        "read",
        f"FOR SELECT USING (({OWN}) OR app.sees_case(case_id) OR ({WATCHED} AND {NOT_MINE}) OR {OF_AUDITED_TEAM})",
    ),
    policy(
        "cases_emergencyaccess",
        "add",
        f"FOR INSERT WITH CHECK ({WALL.ADD['emergencyaccess']} AND stage = 'minimum' AND reviewed_at IS NULL"
        f" AND {NOT_MINE})",
    ),
    policy(
        "cases_emergencyaccess",
        "change",
        f"FOR UPDATE USING (({OWN}) OR ({REVIEWED}))"
        f" WITH CHECK (({OWN} AND reviewed_at IS NULL) OR ({REVIEWED}))",
    ),
    stays(
        "cases_emergencyaccess", "user_id", "opened_at", "opened_by_id", "reason", "organization_id", "number",
        trigger="opened_stays",
    ),
    migrations.RunSQL(sees("sees_emergency", "cases_emergencyaccess"), "DROP FUNCTION app.sees_emergency(uuid)"),
    altered(
        "cases_historicalemergencyaccess",
        "add",
        f"({WALL.OF_SEEN_CASE.format(case='case_id')}) OR (app.sees_as_job('import', 'departure'))",
        "app.sees_emergency(cases_historicalemergencyaccess.id)",
        checks=True,
    ),
    altered(
        "cases_historicalemergencyaccess",
        "read",
        WALL.READ["emergencyaccess"],
        f"({OWN}) OR app.sees_case(case_id)",
    ),
    opened_minimum("cases_case", OF_CASE.format(case="id")),
    opened_minimum("cases_assignment", OF_CASE.format(case="case_id")),
    opened_minimum("cases_party", OF_CASE.format(case="case_id")),
    opened_minimum("cases_person", f"scope_case_ids && {MINIMUM}"),
    opened_minimum("cases_contactpoint", f"scope_case_ids && {MINIMUM}"),
]  # fmt: skip
TIES = [
    WALL.columns("cases_tie", "scope_team_id uuid NOT NULL"),
    WALL.filled("cases_tie", "scope_by_case"),
    WALL.hangs_on_case("cases_tie"),
    secure(
        "cases_tie",
        read=WALL.OF_CHILD,
        add=f"created_by_id = (SELECT app.me()) AND lifted_at IS NULL"
        f" AND ({OF_THE_TEAM} OR user_id = (SELECT app.me()) AND app.sees_case(case_id))",
        change=f"{OF_THE_TEAM} AND user_id IS DISTINCT FROM (SELECT app.me())",
    ),
    stays("cases_tie", "case_id", "subject_key_id", "user_id", "place_id", "kind"),
    WALL.columns("cases_historicaltie", "scope_team_id uuid NOT NULL"),
    WALL.filled("cases_historicaltie", "scope_by_case"),
    # Who declares a tie of their own does not see the case any more, from the first row on.
    secure(
        "cases_historicaltie",
        read=WALL.OF_CHILD,
        add="app.sees_case(case_id) OR app.wrote_tie(cases_historicaltie.id)",
    ),
]
# Where a supervisor decides, also one who is tied to another case of the team.
LED_TOO = [
    altered("cases_legalhold", "add", HOLD, OF_THE_TEAM, checks=True),
    *changing("cases_legalhold", HOLD, OF_THE_TEAM),
    *changing("cases_erasure", ERASING.format(team=HOLD), ERASING.format(team=OF_THE_TEAM)),
    altered("cases_casegrant", "add", WALL.GIVEN_HERE, GIVEN, checks=True),
    altered(
        "cases_casegrant",
        "remove",
        f"({WALL.GIVEN_HERE}) OR (app.sees_as_job('departure'))",
        f"({GIVEN}) OR (app.sees_as_job('departure'))",
    ),
    altered("cases_recordrequest", "read", SEARCH.SUPERVISED, ASKED),
    *changing("cases_recordrequest", SEARCH.SUPERVISED, ASKED),
    # What others did with a case that is locked to their supervisor.
    altered(
        "victimcare_accessentry", "read", LOG_LINES.format(more=""), LOG_LINES.format(more=f" AND {NOT_MINE}")
    ),
]


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_documents"), ("victimcare", "0012_counters_behind_the_second_wall")]

    operations = [
        migrations.RunSQL(FUNCTIONS, BEFORE + ";\n".join(f"DROP FUNCTION app.{name}" for name in NAMES)),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        *EMERGENCIES,
        *TIES,
        *LED_TOO,
    ]
