"""Documents and photographs of a case: what is said of each, and its file in sealed segments.

A document is behind the second wall as any child of a case. Its segments are read with it, written in the transaction
that made it, and stay as they were written, whoever asks.
"""

from importlib import import_module

from django.conf import settings
from django.db import migrations

from victimcare.row_security import function, secure, sees, stays

WALL = import_module("cases.migrations.0004_second_wall")

FOLLOW = """
CREATE FUNCTION app.documents_follow_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.cases_historicaldocument SET scope_team_id = NEW.team_id WHERE case_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER documents_follow AFTER UPDATE OF team_id ON cases_case
FOR EACH ROW WHEN (OLD.team_id IS DISTINCT FROM NEW.team_id) EXECUTE FUNCTION app.documents_follow_case();
"""
# What an organisation holds in all of its teams: who adds a document sees some of it, and its quota is of the whole.
BYTES_HELD = function(
    "bytes_held(place uuid)",
    "bigint",
    """
    IF place <> ALL (app.places_as('caseworker', 'supervisor')) THEN
        RETURN 0;
    END IF;
    RETURN coalesce((SELECT sum(held.size) FROM public.cases_document held
                       JOIN public.victimcare_team team ON team.id = held.scope_team_id
                      WHERE team.organization_id = place), 0);
    """,
)

WALLS = [
    WALL.columns("cases_document", "scope_team_id uuid NOT NULL", WALL.MADE_AT),
    WALL.filled("cases_document", "scope_by_case"),
    WALL.hangs_on_case("cases_document"),
    secure(
        "cases_document",
        read=WALL.OF_CHILD,
        add=WALL.OF_SEEN_CASE.format(case="case_id"),
        change=WALL.OF_CHILD,
    ),
    stays("cases_document", "case_id", "subject_key_id", "size", "scope_made_at"),
    migrations.RunSQL(
        "CREATE INDEX documents_of_team ON cases_document (scope_team_id) INCLUDE (size)",
        "DROP INDEX documents_of_team",
    ),
    WALL.columns("cases_historicaldocument", "scope_team_id uuid NOT NULL"),
    WALL.filled("cases_historicaldocument", "scope_by_case"),
    secure("cases_historicaldocument", read=WALL.OF_CHILD, add=WALL.OF_SEEN_CASE.format(case="case_id")),
    migrations.RunSQL(
        FOLLOW, "DROP TRIGGER documents_follow ON cases_case; DROP FUNCTION app.documents_follow_case()"
    ),
    # One at a time, by its document: a function for each costs little beside the segment itself.
    migrations.RunSQL(
        sees("sees_document", "cases_document")
        + sees("fills_document", "cases_document", "id = asked AND scope_made_at = now()"),
        "DROP FUNCTION app.fills_document(uuid), app.sees_document(uuid)",
    ),
    secure(
        "cases_documentsegment", read="app.sees_document(document_id)", add="app.fills_document(document_id)"
    ),
    migrations.RunSQL(
        "CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON cases_documentsegment FOR EACH ROW"
        " EXECUTE FUNCTION victimcare_refuse_change();"
        # Ciphertext does not become smaller: nobody tries.
        " ALTER TABLE cases_documentsegment ALTER COLUMN blob SET STORAGE EXTERNAL",
        "DROP TRIGGER only_added_to ON cases_documentsegment",
    ),
    migrations.RunSQL(BYTES_HELD, "DROP FUNCTION app.bytes_held(uuid)"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_erasures"),
        ("victimcare", "0008_erasures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *WALLS,
    ]
