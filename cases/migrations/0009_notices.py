"""What the job "notices" asks of cases: ids of people who work here, and numbers; no row of a case, and nothing of
its person.
"""

from django.db import migrations

from victimcare.row_security import function

ONLY_FOR_NOTICES = """
    IF app.job() IS DISTINCT FROM 'notices' THEN
        RETURN;
    END IF;
"""
WORKERS = function(
    "workers_of_case(asked uuid)",
    "SETOF uuid",
    f"""{ONLY_FOR_NOTICES}
    RETURN QUERY SELECT assigned.user_id FROM public.cases_assignment assigned
     WHERE assigned.case_id = asked AND assigned.ended_at IS NULL AND assigned.retired_at IS NULL;
    """,
)
# Of consents that hold now, of cases that somebody works on.
ENDING = function(
    "consents_ending(by_day date)",
    "TABLE (held_in uuid, told_number text, last_day date, worker uuid)",
    f"""{ONLY_FOR_NOTICES}
    RETURN QUERY
    SELECT DISTINCT known.id, known.number::text, consent.valid_until, assigned.user_id
      FROM public.cases_consent consent
      JOIN public.cases_case known ON known.id = consent.case_id
      JOIN public.cases_assignment assigned ON assigned.case_id = known.id
     WHERE consent.valid_until BETWEEN current_date AND by_day
       AND consent.withdrawn_at IS NULL AND consent.retired_at IS NULL
       AND known.retired_at IS NULL AND known.erased_at IS NULL AND known.status <> 'closed'
       AND assigned.ended_at IS NULL AND assigned.retired_at IS NULL;
    """,
)
# Which case who was sent it is tied to: they do not see it.
TOLD_OF = function(
    "case_told_of(asked uuid)",
    "TABLE (told_number text, team uuid)",
    f"""{ONLY_FOR_NOTICES}
    RETURN QUERY SELECT held.number::text, held.team_id FROM public.cases_case held WHERE held.id = asked;
    """,
)
UNREVIEWED = function(
    "emergencies_unreviewed(before timestamptz)",
    "TABLE (emergency uuid, opened_in uuid, told_number text, team uuid, place uuid, opener uuid)",
    f"""{ONLY_FOR_NOTICES}
    RETURN QUERY
    SELECT waiting.id, waiting.case_id, waiting.number::text, waiting.scope_team_id, waiting.organization_id,
           waiting.user_id
      FROM public.cases_emergencyaccess waiting
     WHERE waiting.opened_at <= before AND waiting.reviewed_at IS NULL AND waiting.retired_at IS NULL;
    """,
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_minimum_first_and_locked_cases")]

    operations = [
        migrations.RunSQL(
            WORKERS + ENDING + TOLD_OF + UNREVIEWED,
            "DROP FUNCTION app.emergencies_unreviewed(timestamptz); DROP FUNCTION app.case_told_of(uuid);"
            " DROP FUNCTION app.consents_ending(date); DROP FUNCTION app.workers_of_case(uuid)",
        ),
    ]
