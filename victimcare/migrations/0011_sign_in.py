"""Sessions that tell whose they are and hold no key; counted tries; invitations; whose accounts are invented.

Sessions and tries are open to a job each: they are read before anybody acts, and an injected statement neither reads a
session nor puts another's words into one of its own. Besides, one sees and ends one's own sessions. An invitation is for
who keeps the members of its organisation, and for the job that lets somebody in by it.
"""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

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
# Accounts of a demonstration that was made before they said so themselves.
OF_DEMONSTRATION = """
UPDATE victimcare_user account SET is_demonstration = true
 WHERE EXISTS (SELECT FROM victimcare_membership work JOIN victimcare_organization place ON place.id = work.organization_id
                WHERE work.user_id = account.id AND place.is_demonstration)
   AND NOT EXISTS (SELECT FROM victimcare_membership work JOIN victimcare_organization place ON place.id = work.organization_id
                    WHERE work.user_id = account.id AND NOT place.is_demonstration)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("victimcare", "0010_erasures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tries",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "times",
                    django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None),
                ),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="is_demonstration",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("session_key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("browser", models.CharField(blank=True, max_length=40)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("expires_at", models.DateTimeField(verbose_name="until")),
                ("used_at", models.DateTimeField(editable=False, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="victimcare.organization",
                    ),
                ),
                (
                    "retired_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at", None), ("retired_by", None)),
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="invitation_retired_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("used_at", None), ("retired_at", None), _connector="OR"),
                        name="invitation_used_or_withdrawn",
                    ),
                ],
            },
        ),
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
        migrations.RunSQL(OF_DEMONSTRATION, migrations.RunSQL.noop),
    ]
