"""A referral leaves its draft only towards a provider that is accredited for that kind of service, on that day,
with the staff certificates that the accreditation requires.

A CHECK cannot look at another table, so this is a trigger. It locks the accreditation (FOR SHARE), so that a
suspension and a sending cannot pass each other. The day is the one at the place of the service.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION referrals_only_to_the_accredited() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    target record;
BEGIN
    IF NEW.status IN ('draft', 'withdrawn') OR (TG_OP = 'UPDATE' AND OLD.status <> 'draft') THEN
        RETURN NEW;
    END IF;
    SELECT service.kind, service.organization_id, place.id AS location_id,
           (now() AT TIME ZONE place.time_zone)::date AS today
      INTO STRICT target
      FROM referrals_serviceatlocation offered
      JOIN referrals_service service ON service.id = offered.service_id
      JOIN victimcare_location place ON place.id = offered.location_id
     WHERE offered.id = NEW.service_at_location_id;
    PERFORM 1
       FROM certification_accreditation held
       JOIN certification_accreditationkind kind ON kind.id = held.kind_id
      WHERE held.institution_id = target.organization_id
        AND target.organization_id = NEW.receiver_id
        AND kind.service_kinds @> ARRAY[target.kind]
        AND (held.location_id IS NULL OR held.location_id = target.location_id)
        AND held.status = 'issued'
        AND target.today BETWEEN held.valid_from AND held.valid_until
        AND (held.ended_on IS NULL OR held.ended_on > target.today)
        AND NOT EXISTS (
            SELECT 1 FROM certification_accreditationsuspension paused
             WHERE paused.credential_id = held.id
               AND paused.from_day <= target.today
               AND (paused.until_day IS NULL OR paused.until_day > target.today))
        AND certification_staff_met(held.institution_id, kind.required_certificates, target.today)
        FOR SHARE OF held;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the receiver is not accredited for this kind of service today'
              USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_only_to_the_accredited';
    END IF;
    RETURN NEW;
END $$;
"""

TRIGGER = """
CREATE TRIGGER only_to_the_accredited BEFORE INSERT OR UPDATE OF status ON referrals_referral
FOR EACH ROW EXECUTE FUNCTION referrals_only_to_the_accredited();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial"), ("certification", "0002_staff_hold_what_is_required")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION referrals_only_to_the_accredited()"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER only_to_the_accredited ON referrals_referral"),
    ]
