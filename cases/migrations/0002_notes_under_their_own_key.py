"""Counselling words lie in the counselling column and nowhere else: the two columns have keys of their own.

Not a CheckConstraint: that would be validated on the instance, where an encrypted value cannot be looked up.
"""

from django.db import migrations

ADD = """
ALTER TABLE cases_note ADD CONSTRAINT note_text_of_its_kind CHECK (
    CASE WHEN kind = 'counselling' THEN text IS NULL ELSE counselling_text IS NULL END
)
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(ADD, "ALTER TABLE cases_note DROP CONSTRAINT note_text_of_its_kind"),
    ]
