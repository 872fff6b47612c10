"""What a list of offers looks for first stands on the offer itself: its kind while it is offered, and the regions that
it reaches. Kept by the database, so that no way of writing forgets it.

A new offer locks its service and its place (FOR SHARE): a change of theirs at the same moment waits, and then reaches
the offer too. That function alone belongs to the owner: it tells of a place what everybody may know, whoever acts or
nobody, and locks what the application may not change.
"""

from django.db import migrations

REACH = """
CREATE FUNCTION app.reach_of_offer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM public.referrals_service WHERE id = NEW.service_id FOR SHARE;
        PERFORM FROM public.victimcare_location WHERE id = NEW.location_id FOR SHARE;
    END IF;
    SELECT CASE WHEN NEW.is_active AND service.is_active AND NEW.retired_at IS NULL
                 AND service.retired_at IS NULL AND place.retired_at IS NULL THEN service.kind ELSE '' END,
           place.region || service.regions
      INTO NEW.offered_kind, NEW.regions_reached
      FROM public.referrals_service service, public.victimcare_location place
     WHERE service.id = NEW.service_id AND place.id = NEW.location_id;
    RETURN NEW;
END $$;

-- Each writes the offer's own columns anew, by the trigger above.
CREATE FUNCTION app.offers_follow_service() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.referrals_serviceatlocation SET service_id = service_id WHERE service_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION app.offers_follow_location() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.referrals_serviceatlocation SET location_id = location_id WHERE location_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER reach BEFORE INSERT OR UPDATE ON referrals_serviceatlocation
FOR EACH ROW EXECUTE FUNCTION app.reach_of_offer();
CREATE TRIGGER offers_follow AFTER UPDATE ON referrals_service
FOR EACH ROW WHEN ((OLD.kind, OLD.regions, OLD.is_active, OLD.retired_at)
    IS DISTINCT FROM (NEW.kind, NEW.regions, NEW.is_active, NEW.retired_at))
EXECUTE FUNCTION app.offers_follow_service();
CREATE TRIGGER offers_follow AFTER UPDATE ON victimcare_location
FOR EACH ROW WHEN ((OLD.region, OLD.retired_at) IS DISTINCT FROM (NEW.region, NEW.retired_at))
EXECUTE FUNCTION app.offers_follow_location();
"""
NO_REACH = """
DROP TRIGGER offers_follow ON victimcare_location;
DROP TRIGGER offers_follow ON referrals_service;
DROP TRIGGER reach ON referrals_serviceatlocation;
DROP FUNCTION app.offers_follow_location(), app.offers_follow_service(), app.reach_of_offer();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_ties")]

    operations = [migrations.RunSQL(REACH, NO_REACH)]
