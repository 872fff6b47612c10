"""A member state whose law has one register of persons says so here. Without a row there is none."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from victimcare.row_security import secure, stays

# By a coordinator of an authority of that state, and by nobody else.
OF_COORDINATOR = (
    "organization_id = ANY ((SELECT app.places_as('coordinator'))::uuid[])"
    " AND EXISTS (SELECT FROM victimcare_organization place WHERE place.id = organization_id"
    " AND place.member_state_id = victimcare_stateregister.member_state_id)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("victimcare", "0008_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="StateRegister",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
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
                    "member_state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registers",
                        to="victimcare.memberstate",
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None)),
                        fields=("member_state",),
                        name="one_register_a_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at", None), ("retired_by", None)),
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="state_register_retired_by_somebody",
                    ),
                ],
            },
        ),
        secure("victimcare_stateregister", read="true", add=OF_COORDINATOR, change=OF_COORDINATOR),
        stays("victimcare_stateregister", "member_state_id", "organization_id"),
    ]
