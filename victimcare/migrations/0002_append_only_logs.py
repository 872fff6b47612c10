"""The logs are only ever added to, whichever role asks: a trigger refuses to change or delete a line. Only the columns
by which row-level security finds a line follow its record, for example to another team.

Histories get the same trigger when they are made (victimcare/privileges.py), whatever app they belong to.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION victimcare_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (
        SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(NEW)) WHERE NOT starts_with(key, 'scope_')
    ) = (
        SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(OLD)) WHERE NOT starts_with(key, 'scope_')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""

TRIGGER = """
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION victimcare_refuse_change();
"""


def triggers(*tables: str) -> list[migrations.RunSQL]:
    return [
        migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER only_added_to ON {table}")
        for table in tables
    ]


class Migration(migrations.Migration):
    dependencies = [("victimcare", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION victimcare_refuse_change() CASCADE"),
        *triggers("victimcare_accessentry", "victimcare_step"),
    ]
