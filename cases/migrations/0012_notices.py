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


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_minimum_first_and_locked_cases")]

    operations = [
        migrations.RunSQL(
            WORKERS + ENDING,
            "DROP FUNCTION app.consents_ending(date); DROP FUNCTION app.workers_of_case(uuid)",
        ),
    ]
