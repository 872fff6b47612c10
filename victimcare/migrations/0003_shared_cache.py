"""The table of Django's cache, as `createcachetable` makes it: counters that all processes share."""

from django.db import migrations

TABLE = """
CREATE TABLE victimcare_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX victimcare_cache_expires ON victimcare_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("victimcare", "0002_append_only_logs")]

    operations = [migrations.RunSQL(TABLE, "DROP TABLE victimcare_cache")]
