"""Each new line of the access log is queued for sealing by the database itself, in the transaction that wrote it.

So no line is missed that is committed late, and a restored database still knows what it had not sealed. Seals and
their keys are only ever added to.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION victimcare_queue_for_seal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.victimcare_unsealedentry (entry_id, chain)
    SELECT id, coalesce(member_state_id, '') FROM written;
    RETURN NULL;
END $$;
"""
QUEUE = """
CREATE TRIGGER queued_for_seal AFTER INSERT ON victimcare_accessentry
REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION victimcare_queue_for_seal();
"""
ADDED_TO = """
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION victimcare_refuse_change();
"""


def only_added_to(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(ADDED_TO.format(table=table), f"DROP TRIGGER only_added_to ON {table}")


class Migration(migrations.Migration):
    dependencies = [("victimcare", "0003_shared_cache")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION victimcare_queue_for_seal()"),
        migrations.RunSQL(QUEUE, "DROP TRIGGER queued_for_seal ON victimcare_accessentry"),
        only_added_to("victimcare_seal"),
        only_added_to("victimcare_sealingkey"),
    ]
