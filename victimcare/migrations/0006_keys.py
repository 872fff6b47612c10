"""Keys that are rotated and renewed while people work (ADR 7).

A rotation takes an old key away only when nothing lies under it: whoever makes something under a key holds it until
the end of the transaction, by functions of the owner, since the application may lock no row of these tables. Only the
owner may put new ciphertext into a history, and nothing else.
"""

from django.db import migrations

HOLD = """
CREATE FUNCTION app.hold_state_key(state text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT id FROM (
        SELECT id FROM public.victimcare_statekey WHERE member_state_id = state AND wrapped IS NOT NULL
         ORDER BY version DESC LIMIT 1 FOR SHARE) newest);
END $$;

CREATE FUNCTION app.hold_subject_key(wanted uuid) RETURNS smallint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT version FROM (
        SELECT version FROM public.victimcare_subjectkey WHERE id = wanted AND wrapped IS NOT NULL FOR SHARE) held);
END $$;

CREATE FUNCTION app.under_a_living_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.victimcare_statekey WHERE id = NEW.state_key_id AND wrapped IS NOT NULL FOR SHARE;
    IF NEW.wrapped IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'a subject key lies under a key that is there' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER under_a_living_key BEFORE INSERT ON victimcare_subjectkey
FOR EACH ROW EXECUTE FUNCTION app.under_a_living_key();
"""
LET_GO = """
DROP TRIGGER under_a_living_key ON victimcare_subjectkey;
DROP FUNCTION app.under_a_living_key(), app.hold_subject_key(uuid), app.hold_state_key(text);
"""

REFUSE = """
CREATE OR REPLACE FUNCTION victimcare_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    follows text[] := {follows};
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - follows = to_jsonb(OLD) - follows THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""
# What follows its record, and in a history, for the owner alone, what is encrypted: those are its only columns of bytes.
FOLLOWS = """ARRAY(
        SELECT attname::text FROM pg_attribute
         WHERE attrelid = TG_RELID AND attnum > 0 AND (starts_with(attname::text, 'scope_')
            OR atttypid = 'bytea'::regtype AND TG_TABLE_NAME LIKE '%\\_historical%'
               AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)))"""
FOLLOWED = """ARRAY(
        SELECT attname::text FROM pg_attribute
         WHERE attrelid = TG_RELID AND attnum > 0 AND starts_with(attname::text, 'scope_'))"""


class Migration(migrations.Migration):
    dependencies = [("victimcare", "0005_second_wall")]

    operations = [
        migrations.RunSQL(HOLD, LET_GO),
        migrations.RunSQL(REFUSE.format(follows=FOLLOWS), REFUSE.format(follows=FOLLOWED)),
    ]
