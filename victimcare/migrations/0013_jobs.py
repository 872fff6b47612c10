"""When periodic jobs run. Only the worker reads and writes it, as the job "queue"."""

from django.db import migrations, models

from victimcare.row_security import secure


class Migration(migrations.Migration):
    dependencies = [("victimcare", "0012_notifications")]

    operations = [
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("next_at", models.DateTimeField()),
                ("last_at", models.DateTimeField(null=True)),
            ],
        ),
        secure("victimcare_schedule", jobs=dict.fromkeys(("read", "add", "change"), ("queue",))),
    ]
