"""A MAC over the encrypted values of a row and its revision (ADR 7). Only the product can make one: rows of before 1.0
have none, and so there is no default.
"""

from django.db import migrations

from victimcare.encryption.sealed import RowMac

MODELS = (
    "person",
    "contactpoint",
    "party",
    "incident",
    "substanceuse",
    "note",
    "consent",
    "importedrow",
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_second_wall"), ("victimcare", "0008_keys")]

    operations = [
        migrations.AddField(f"{history}{model}", "mac", RowMac())
        for model in MODELS
        for history in ("", "historical")
    ]
