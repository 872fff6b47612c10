"""A referral leaves its draft, and is taken over, only towards a provider that is accredited for that kind of service,
on that day, with the staff certificates that the accreditation requires; and what was sent stays as it was sent.

A CHECK can look neither at another table nor at the row as it was, so these are triggers. The first locks the
accreditation (FOR SHARE), so that a suspension and a sending cannot pass each other. The day is the one at the place
of the service. Without the second, a referral could be sent to one provider and then shown to another.
"""

from django.db import migrations

ACCREDITED = """
CREATE FUNCTION referrals_only_to_the_accredited() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    waiting CONSTANT text[] := ARRAY['sent', 'received', 'waitlisted'];
    taken CONSTANT text[] := ARRAY['accepted', 'in_progress', 'completed', 'not_completed'];
    target record;
BEGIN
    IF NEW.status IN ('draft', 'withdrawn') OR (TG_OP = 'UPDATE' AND OLD.status <> 'draft' AND (
        NEW.status IN ('declined', 'expired')
        OR (OLD.status = ANY (waiting) AND NEW.status = ANY (waiting))
        OR (OLD.status = ANY (taken) AND NEW.status = ANY (taken))
    )) THEN
        RETURN NEW;
    END IF;
    SELECT service.kind, service.organization_id, place.id AS location_id,
           (now() AT TIME ZONE place.time_zone)::date AS today
      INTO target
      FROM referrals_serviceatlocation offered
      JOIN referrals_service service ON service.id = offered.service_id
      JOIN victimcare_location place ON place.id = offered.location_id
     WHERE offered.id = NEW.service_at_location_id
       AND offered.retired_at IS NULL AND service.retired_at IS NULL AND place.retired_at IS NULL;
    PERFORM 1
       FROM certification_accreditation held
       JOIN certification_accreditationkind kind ON kind.id = held.kind_id
      WHERE held.institution_id = target.organization_id
        AND target.organization_id = NEW.receiver_id
        AND kind.service_kinds @> ARRAY[target.kind]
        AND (held.location_id IS NULL OR held.location_id = target.location_id)
        AND held.status = 'issued'
        AND held.retired_at IS NULL
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

CREATE TRIGGER only_to_the_accredited
BEFORE INSERT OR UPDATE OF status, receiver_id, service_at_location_id ON referrals_referral
FOR EACH ROW EXECUTE FUNCTION referrals_only_to_the_accredited();
"""

AS_SENT = """
CREATE FUNCTION referrals_as_it_was_sent() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.case_id, NEW.consent_id, NEW.receiver_id, NEW.service_at_location_id)
       IS DISTINCT FROM (OLD.case_id, OLD.consent_id, OLD.receiver_id, OLD.service_at_location_id) THEN
        RAISE EXCEPTION 'what was sent keeps its case, its consent, its receiver and its service'
              USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_as_it_was';
    END IF;
    IF OLD.status = 'withdrawn' AND NEW.status <> 'withdrawn' THEN
        RAISE EXCEPTION 'what was withdrawn stays withdrawn'
              USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawn_for_good';
    END IF;
    IF NEW.status = 'draft' THEN
        RAISE EXCEPTION 'what was sent is no draft again'
              USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_for_good';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER as_it_was_sent
BEFORE UPDATE OF status, case_id, consent_id, receiver_id, service_at_location_id ON referrals_referral
FOR EACH ROW WHEN (OLD.status <> 'draft') EXECUTE FUNCTION referrals_as_it_was_sent();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial"), ("certification", "0002_staff_hold_what_is_required")]

    operations = [
        migrations.RunSQL(
            ACCREDITED,
            "DROP TRIGGER only_to_the_accredited ON referrals_referral;"
            " DROP FUNCTION referrals_only_to_the_accredited()",
        ),
        migrations.RunSQL(
            AS_SENT,
            "DROP TRIGGER as_it_was_sent ON referrals_referral; DROP FUNCTION referrals_as_it_was_sent()",
        ),
    ]
