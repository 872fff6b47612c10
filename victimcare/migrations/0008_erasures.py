"""The ledger of erasures: only ever added to, by the function of the database that destroys a key.

That function may also overwrite history, which nobody else may, the owner included: it says so in a setting that
it takes back at its end (`app.erasing`). The application's role cannot use that: it may not change a history at all.
"""

from importlib import import_module

from django.db import migrations

from victimcare.row_security import OF_AUDITED_PLACE, secure

OF_LOGS = import_module("victimcare.migrations.0002_append_only_logs")
OF_KEYS = import_module("victimcare.migrations.0006_keys")
REFUSE_CHANGE = OF_KEYS.REFUSE.format(follows=OF_KEYS.FOLLOWS)
ERASING = """BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME LIKE '%\\_historical%' AND current_setting('app.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("victimcare", "0007_state_register"),
    ]

    operations = [
        *OF_LOGS.triggers("victimcare_erasureentry"),
        migrations.RunSQL(REFUSE_CHANGE.replace("BEGIN\n", ERASING, 1), REFUSE_CHANGE),
        secure(
            "victimcare_erasureentry",
            read=f"organization_id = ANY ((SELECT app.places_as('supervisor'))::uuid[]) OR {OF_AUDITED_PLACE}",
            jobs={"read": ("erasure",)},
        ),
    ]
