"""When periodic jobs run. Only the worker reads and writes it, as the job "queue"."""

from django.db import migrations

from victimcare.row_security import secure


class Migration(migrations.Migration):
    dependencies = [("victimcare", "0010_notifications")]

    operations = [
        secure("victimcare_schedule", jobs=dict.fromkeys(("read", "add", "change"), ("queue",))),
    ]
