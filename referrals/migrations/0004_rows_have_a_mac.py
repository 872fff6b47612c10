"""A MAC over the encrypted values of a row and its revision (ADR 7). Only the product can make one: rows of before 1.0
have none, and so there is no default.
"""

from django.db import migrations

from victimcare.encryption.sealed import RowMac

MODELS = (
    "referral",
    "packet",
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0003_second_wall"), ("victimcare", "0008_keys")]

    operations = [
        migrations.AddField(f"{history}{model}", "mac", RowMac())
        for model in MODELS
        for history in ("", "historical")
    ]
