"""Row-level security of referrals and packets, and what a receiver reads of the sender's consent.

The sender's side is who sees the case. The receiver's side is the organisation's provider staff, once it was
sent, and who sees the case that was opened from it. The packet is open to the receiver from and until a
moment that stands on the packet itself: the consent's first and last day where the receiver is, never once
the consent was withdrawn or the referral declined. No job has to run for that.
"""

from django.db import migrations

from victimcare.row_security import (
    OF_AUDITED_TEAM,
    also,
    function,
    secure,
    sees,
    stays,
)

COLUMNS = """
ALTER TABLE referrals_referral ADD COLUMN scope_team_id uuid NOT NULL, ADD COLUMN scope_received_team_id uuid;
ALTER TABLE referrals_historicalreferral
    ADD COLUMN scope_team_id uuid NOT NULL, ADD COLUMN scope_received_team_id uuid;
ALTER TABLE referrals_packet
    ADD COLUMN scope_case_id uuid NOT NULL, ADD COLUMN scope_team_id uuid NOT NULL,
    ADD COLUMN scope_receiver_id uuid NOT NULL,
    ADD COLUMN scope_open_from timestamptz NOT NULL, ADD COLUMN scope_open_until timestamptz NOT NULL;
ALTER TABLE referrals_historicalpacket
    ADD COLUMN scope_case_id uuid NOT NULL, ADD COLUMN scope_team_id uuid NOT NULL;
ALTER TABLE referrals_referral ADD CONSTRAINT referrals_referral_of_its_case
    FOREIGN KEY (case_id, subject_key_id, scope_team_id) REFERENCES cases_case (id, subject_key_id, team_id)
    ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""
NO_COLUMNS = """
ALTER TABLE referrals_referral DROP CONSTRAINT referrals_referral_of_its_case;
ALTER TABLE referrals_historicalpacket DROP COLUMN scope_case_id, DROP COLUMN scope_team_id;
ALTER TABLE referrals_packet
    DROP COLUMN scope_case_id, DROP COLUMN scope_team_id, DROP COLUMN scope_receiver_id,
    DROP COLUMN scope_open_from, DROP COLUMN scope_open_until;
ALTER TABLE referrals_historicalreferral DROP COLUMN scope_team_id, DROP COLUMN scope_received_team_id;
ALTER TABLE referrals_referral DROP COLUMN scope_team_id, DROP COLUMN scope_received_team_id;
"""

MINE = (
    function("my_inboxes()", "uuid[]", "RETURN app.places_as('provider');")
    + sees("sees_referral", "referrals_referral")
    # Under which consent it was sent: kinds of data and days.
    + sees("sees_consent_of_referral", "referrals_referral", "consent_id = asked AND sent_at IS NOT NULL")
)
NOT_MINE = "DROP FUNCTION app.sees_consent_of_referral(uuid), app.sees_referral(uuid), app.my_inboxes()"

OF_REFERRAL_ROWS = """
CREATE FUNCTION app.scope_of_referral() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT team_id INTO NEW.scope_team_id FROM public.cases_case WHERE id = NEW.case_id;
    SELECT team_id INTO NEW.scope_received_team_id FROM public.cases_case
     WHERE id = NEW.received_case_id AND organization_id = NEW.receiver_id;
    IF NEW.received_case_id IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'a referral opens a case of its receiver' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- The sender's side only: receivers are asked by the referral itself.
CREATE FUNCTION app.scope_of_referral_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT case_id, scope_team_id INTO NEW.scope_case_id, NEW.scope_team_id
      FROM public.referrals_referral WHERE id = NEW.object_id;
    RETURN NEW;
END $$;

CREATE FUNCTION app.referrals_follow_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.victimcare_step SET scope_team_id = NEW.team_id
     WHERE object_id IN (SELECT id FROM public.referrals_referral WHERE case_id = NEW.id);
    UPDATE public.referrals_referral SET scope_received_team_id = NEW.team_id WHERE received_case_id = NEW.id;
    UPDATE public.referrals_historicalreferral SET scope_team_id = NEW.team_id WHERE case_id = NEW.id;
    UPDATE public.referrals_historicalreferral SET scope_received_team_id = NEW.team_id
     WHERE received_case_id = NEW.id;
    UPDATE public.referrals_historicalpacket SET scope_team_id = NEW.team_id WHERE scope_case_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER scope BEFORE INSERT OR UPDATE OF received_case_id ON referrals_referral
FOR EACH ROW EXECUTE FUNCTION app.scope_of_referral();
CREATE TRIGGER opened_once BEFORE UPDATE OF received_case_id ON referrals_referral
FOR EACH ROW WHEN (OLD.received_case_id IS DISTINCT FROM NEW.received_case_id AND OLD.received_case_id IS NOT NULL)
EXECUTE FUNCTION app.refuse_another();
CREATE TRIGGER scope BEFORE INSERT ON referrals_historicalreferral
FOR EACH ROW EXECUTE FUNCTION app.scope_of_referral();
CREATE TRIGGER scope_of_referral BEFORE INSERT ON victimcare_step
FOR EACH ROW WHEN (NEW.object_label = 'referrals.Referral') EXECUTE FUNCTION app.scope_of_referral_step();
CREATE TRIGGER referrals_follow AFTER UPDATE OF team_id ON cases_case
FOR EACH ROW WHEN (OLD.team_id IS DISTINCT FROM NEW.team_id) EXECUTE FUNCTION app.referrals_follow_case();
"""
NO_REFERRAL_ROWS = """
DROP TRIGGER referrals_follow ON cases_case;
DROP TRIGGER scope_of_referral ON victimcare_step;
DROP TRIGGER scope ON referrals_historicalreferral;
DROP TRIGGER opened_once ON referrals_referral;
DROP TRIGGER scope ON referrals_referral;
DROP FUNCTION app.referrals_follow_case(), app.scope_of_referral_step(), app.scope_of_referral();
"""

OF_PACKETS = """
CREATE FUNCTION app.scope_of_packet() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    open boolean;
    first_day date;
    last_day date;
    zone text;
BEGIN
    SELECT referral.case_id, referral.scope_team_id, referral.receiver_id,
           referral.status NOT IN ('draft', 'declined', 'expired', 'withdrawn')
           AND consent.withdrawn_at IS NULL AND consent.retired_at IS NULL,
           consent.valid_from, consent.valid_until, receiver.time_zone
      INTO NEW.scope_case_id, NEW.scope_team_id, NEW.scope_receiver_id, open, first_day, last_day, zone
      FROM public.referrals_referral referral
      JOIN public.cases_consent consent ON consent.id = referral.consent_id
      JOIN public.victimcare_organization receiver ON receiver.id = referral.receiver_id
     WHERE referral.id = NEW.referral_id;
    NEW.scope_open_from := first_day::timestamp AT TIME ZONE zone;
    NEW.scope_open_until := CASE WHEN open THEN (last_day + 1)::timestamp AT TIME ZONE zone ELSE '-infinity'
    END; RETURN NEW;
END $$;

CREATE FUNCTION app.scope_of_packet_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT scope_case_id, scope_team_id INTO NEW.scope_case_id, NEW.scope_team_id
      FROM public.referrals_packet WHERE id = NEW.id;
    RETURN NEW;
END $$;

-- Each writes the packet's own columns anew, by the trigger above.
CREATE FUNCTION app.packet_follows_referral() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.referrals_packet SET referral_id = referral_id WHERE referral_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION app.packets_follow_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.referrals_packet packet SET referral_id = packet.referral_id
      FROM public.referrals_referral referral
     WHERE referral.id = packet.referral_id AND referral.consent_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER scope BEFORE INSERT OR UPDATE ON referrals_packet
FOR EACH ROW EXECUTE FUNCTION app.scope_of_packet();
CREATE TRIGGER scope BEFORE INSERT ON referrals_historicalpacket
FOR EACH ROW EXECUTE FUNCTION app.scope_of_packet_history();
CREATE TRIGGER packet_follows AFTER UPDATE ON referrals_referral
FOR EACH ROW WHEN ((OLD.status, OLD.consent_id, OLD.receiver_id, OLD.scope_team_id)
    IS DISTINCT FROM (NEW.status, NEW.consent_id, NEW.receiver_id, NEW.scope_team_id))
EXECUTE FUNCTION app.packet_follows_referral();
CREATE TRIGGER packets_follow AFTER UPDATE ON cases_consent
FOR EACH ROW WHEN ((OLD.withdrawn_at, OLD.retired_at, OLD.valid_from, OLD.valid_until)
    IS DISTINCT FROM (NEW.withdrawn_at, NEW.retired_at, NEW.valid_from, NEW.valid_until))
EXECUTE FUNCTION app.packets_follow_consent();
"""
NO_PACKETS = """
DROP TRIGGER packets_follow ON cases_consent;
DROP TRIGGER packet_follows ON referrals_referral;
DROP TRIGGER scope ON referrals_historicalpacket;
DROP TRIGGER scope ON referrals_packet;
DROP FUNCTION app.packets_follow_consent(), app.packet_follows_referral(), app.scope_of_packet_history(),
    app.scope_of_packet();
"""

SENDER = (
    "{case} = ANY ((SELECT app.my_cases())::uuid[]) OR scope_team_id = ANY ((SELECT app.my_teams())::uuid[])"
)
OF_REFERRAL = (
    "case_id = ANY ((SELECT app.my_cases())::uuid[])"
    " OR (SELECT app.my_teams()) && ARRAY[scope_team_id, scope_received_team_id]"
    + " OR (sent_at IS NOT NULL AND receiver_id = ANY ((SELECT app.my_inboxes())::uuid[]))"
    " OR received_case_id = ANY ((SELECT app.my_cases())::uuid[])"
)
OF_PACKET = (
    SENDER.format(case="scope_case_id") + " OR (scope_receiver_id = ANY ((SELECT app.my_inboxes())::uuid[])"
    " AND now() >= scope_open_from AND now() < scope_open_until)"
)
# Both sides of it: an auditor asks what an account of their state could read, also of what came from elsewhere.
OF_AUDITED_REFERRAL = "app.sees_as_auditor(organization_id) OR app.sees_as_auditor(receiver_id)"
OF_AUDITED_PACKET = f"{OF_AUDITED_TEAM} OR app.sees_as_auditor(scope_receiver_id)"
SEEN = "app.sees_referral({referral})"


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0002_only_to_the_accredited"),
        ("cases", "0004_second_wall"),
        ("certification", "0003_second_wall"),
    ]

    operations = [
        migrations.RunSQL(COLUMNS, NO_COLUMNS),
        migrations.RunSQL(MINE, NOT_MINE),
        migrations.RunSQL(OF_REFERRAL_ROWS, NO_REFERRAL_ROWS),
        migrations.RunSQL(OF_PACKETS, NO_PACKETS),
        # It locks accreditations, which the sender may read and not change.
        migrations.RunSQL(
            "ALTER FUNCTION referrals_only_to_the_accredited() SECURITY DEFINER",
            "ALTER FUNCTION referrals_only_to_the_accredited() SECURITY INVOKER",
        ),
        secure(
            "referrals_referral",
            read=f"{OF_REFERRAL} OR {OF_AUDITED_REFERRAL}",
            add="app.sees_case(case_id)",
            change=OF_REFERRAL,
            jobs={"read": ("expiry", "lapses"), "change": ("expiry", "lapses")},
        ),
        secure(
            "referrals_historicalreferral",
            read=OF_REFERRAL,
            add=SEEN.format(referral="referrals_historicalreferral.id"),
            jobs={"add": ("expiry", "lapses")},
        ),
        stays("referrals_referral", "case_id", "consent_id", "organization_id", "subject_key_id"),
        stays("referrals_packet", "referral_id"),
        secure(
            "referrals_packet",
            read=f"{OF_PACKET} OR {OF_AUDITED_PACKET}",
            add=SEEN.format(referral="referral_id"),
            change=OF_PACKET,
        ),
        secure(
            "referrals_historicalpacket",
            read=SENDER.format(case="scope_case_id"),
            add=SEEN.format(referral="referral_id"),
        ),
        also("cases_consent", "of_receivers", read="app.sees_consent_of_referral(id)"),
        also(
            "victimcare_step",
            "of_referrals",
            read=f"object_label = 'referrals.Referral' AND {SEEN.format(referral='object_id')}",
            add="by_id = (SELECT app.me()) AND object_label = 'referrals.Referral'"
            f" AND {SEEN.format(referral='object_id')}",
        ),
    ]
