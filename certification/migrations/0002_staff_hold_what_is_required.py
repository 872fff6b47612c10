"""Do an institution's staff hold the certificates that an accreditation requires, on a day? One answer for all askers.

`required` maps a scheme's code to the least number of staff, e.g. {"icap-t-1": 2}. Staff are the people with a
membership that holds on that day, by the institution's own calendar. A certificate counts as in
`CredentialQuerySet.valid_on`, if a body of the institution's own member state issued it: an institution is accredited
in its own state only, and states do not recognise each other's certificates yet.

They are in PL/pgSQL, and plan once a connection: a function in SQL plans anew each time that it is called, which
took twenty times as long as the counting.

A page asks `certification_staff_enough`. The trigger that lets a referral out asks `certification_staff_met`: it
first locks those certificates (FOR SHARE), so that a suspension and a sending cannot pass each other, and is
VOLATILE, so that what it then asks sees what it waited for.
"""

from django.db import migrations

COUNT = """
CREATE FUNCTION certification_staff_count(institution uuid, scheme_code text, day date) RETURNS integer
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (SELECT count(DISTINCT file.user_id)::integer
      FROM victimcare_membership work
      JOIN victimcare_organization place ON place.id = work.organization_id
      JOIN victimcare_user person ON person.id = work.user_id AND person.is_active
      JOIN certification_practitioner file ON file.user_id = work.user_id
      JOIN certification_certificate held ON held.practitioner_id = file.id
      JOIN certification_schemeversion scheme ON scheme.id = held.scheme_version_id
      JOIN victimcare_organization body ON body.id = held.organization_id
     WHERE work.organization_id = institution
       AND scheme.code = scheme_code
       AND body.member_state_id = place.member_state_id
       AND (work.started_at AT TIME ZONE place.time_zone)::date <= day
       AND (work.ended_at IS NULL OR (work.ended_at AT TIME ZONE place.time_zone)::date > day)
       AND held.retired_at IS NULL
       AND (held.status = 'issued' OR day < ((now() - interval '12 hours') AT TIME ZONE 'UTC')::date)
       AND day BETWEEN held.valid_from AND held.valid_until
       AND (held.ended_on IS NULL OR held.ended_on > day)
       AND NOT EXISTS (
           SELECT 1 FROM certification_certificatesuspension paused
            WHERE paused.credential_id = held.id
              AND paused.from_day <= day
              AND (paused.until_day IS NULL OR paused.until_day > day)));
END $$;
"""

ENOUGH = """
CREATE FUNCTION certification_staff_enough(institution uuid, required jsonb, day date) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT 1 FROM jsonb_each_text(required) AS needed(scheme, minimum)
         WHERE needed.minimum::integer > certification_staff_count(institution, needed.scheme, day));
END $$;
"""

MET = """
CREATE FUNCTION certification_staff_met(institution uuid, required jsonb, day date) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1
       FROM victimcare_membership work
       JOIN certification_practitioner file ON file.user_id = work.user_id
       JOIN certification_certificate held ON held.practitioner_id = file.id
       JOIN certification_schemeversion scheme ON scheme.id = held.scheme_version_id
      WHERE work.organization_id = institution
        AND required ? scheme.code
        AND held.status = 'issued'
      ORDER BY held.id
        FOR SHARE OF held;
    RETURN certification_staff_enough(institution, required, day);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("certification", "0001_initial")]

    operations = [
        migrations.RunSQL(COUNT, "DROP FUNCTION certification_staff_count(uuid, text, date)"),
        migrations.RunSQL(ENOUGH, "DROP FUNCTION certification_staff_enough(uuid, jsonb, date)"),
        migrations.RunSQL(MET, "DROP FUNCTION certification_staff_met(uuid, jsonb, date)"),
    ]
