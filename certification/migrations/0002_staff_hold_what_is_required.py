"""Do an institution's staff hold the certificates that an accreditation requires, on a day? One answer for all askers.

`required` maps a scheme's code to the least number of staff, e.g. {"icap-t-1": 2}. Staff are the people with a
membership that holds on that day, by the institution's own calendar; a certificate counts as in
`CredentialQuerySet.valid_on`.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION certification_staff_met(institution uuid, required jsonb, day date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT 1 FROM jsonb_each_text(required) AS needed(scheme, minimum)
         WHERE needed.minimum::integer > (
            SELECT count(DISTINCT file.user_id)
              FROM victimcare_membership work
              JOIN victimcare_organization place ON place.id = work.organization_id
              JOIN victimcare_user person ON person.id = work.user_id AND person.is_active
              JOIN certification_practitioner file ON file.user_id = work.user_id
              JOIN certification_certificate held ON held.practitioner_id = file.id
              JOIN certification_schemeversion scheme ON scheme.id = held.scheme_version_id
             WHERE work.organization_id = institution
               AND scheme.code = needed.scheme
               AND (work.started_at AT TIME ZONE place.time_zone)::date <= day
               AND (work.ended_at IS NULL OR (work.ended_at AT TIME ZONE place.time_zone)::date > day)
               AND day BETWEEN held.valid_from AND held.valid_until
               AND (held.ended_on IS NULL OR held.ended_on > day)
               AND NOT EXISTS (
                   SELECT 1 FROM certification_certificatesuspension paused
                    WHERE paused.credential_id = held.id
                      AND paused.from_day <= day
                      AND (paused.until_day IS NULL OR paused.until_day > day))))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("certification", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION certification_staff_met(uuid, jsonb, date)"),
    ]
