"""Sessions that tell whose they are and hold no key; counted tries; invitations.

Sessions and tries are open to a job each: they are read before anybody acts, and an injected statement neither reads a
session nor puts another's words into one of its own. Besides, one sees and ends one's own sessions. An invitation is for
who keeps the members of its organisation, and for the job that lets somebody in by it.
"""

from django.db import migrations

from victimcare.row_security import WORKING, function, secure, stays

OWN = "user_id = (SELECT app.me())"
OF_ADMIN = "organization_id = ANY ((SELECT app.places_as('admin'))::uuid[])"
# To an administrator, who sees nobody of another organisation: what they do to an account would reach there.
WORKS_ELSEWHERE = function(
    "works_elsewhere(who uuid)",
    "boolean",
    f"""
    RETURN kept <> '{{}}' AND EXISTS (
        SELECT FROM public.victimcare_membership work
         WHERE work.user_id = who AND {WORKING} AND NOT work.organization_id = ANY (kept));
    """,
    "kept uuid[] := app.places_as('admin');",
)


class Migration(migrations.Migration):
    dependencies = [
        ("victimcare", "0008_erasures"),
    ]

    operations = [
        secure(
            "victimcare_session",
            read=OWN,
            remove=OWN,
            jobs=dict.fromkeys(("read", "add", "change", "remove"), ("sessions",)),
        ),
        secure("victimcare_tries", jobs=dict.fromkeys(("read", "add", "change", "remove"), ("counting",))),
        secure(
            "victimcare_invitation",
            read=OF_ADMIN,
            add=OF_ADMIN,
            change=OF_ADMIN,
            jobs={"read": ("invitation",), "change": ("invitation",)},
        ),
        stays("victimcare_invitation", "user_id", "organization_id", "token_hash"),
        migrations.RunSQL(WORKS_ELSEWHERE, "DROP FUNCTION app.works_elsewhere(uuid)"),
    ]
