"""What counts attempts to sign in is open to one job alone: its values are pickles, and whoever writes one runs code."""

from django.db import migrations

from victimcare.row_security import secure

JOB = ("counting",)


class Migration(migrations.Migration):
    dependencies = [("victimcare", "0011_jobs")]

    operations = [
        secure("victimcare_cache", jobs={"read": JOB, "add": JOB, "change": JOB, "remove": JOB}),
    ]
