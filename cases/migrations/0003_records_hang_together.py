"""A case lies in a team of its own organisation, and all that is said of a person under that person's key.

Foreign keys of two or three columns: a query that joins nothing can rely on them, and a record under somebody
else's key, which would outlive the erasure of its own person, cannot be stored.
"""

from django.db import migrations

ADD = """
ALTER TABLE {table} ADD CONSTRAINT {name}
FOREIGN KEY ({columns}) REFERENCES {target} DEFERRABLE INITIALLY DEFERRED
"""


def hangs(table: str, name: str, columns: str, target: str) -> migrations.RunSQL:
    add = ADD.format(table=table, name=name, columns=columns, target=target)
    return migrations.RunSQL(add, f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def of_the_person(table: str) -> migrations.RunSQL:
    return hangs(
        table,
        f"{table}_of_its_person",
        "person_id, organization_id, subject_key_id",
        "cases_person (id, organization_id, subject_key_id)",
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_notes_under_their_own_key"), ("victimcare", "0001_initial")]

    operations = [
        hangs(
            "cases_case",
            "cases_case_in_a_team_of_its_organization",
            "team_id, organization_id",
            "victimcare_team (id, organization_id)",
        ),
        of_the_person("cases_case"),
        of_the_person("cases_contactpoint"),
    ]
