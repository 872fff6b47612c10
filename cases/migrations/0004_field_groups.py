"""Counselling notes are opened by a grant of their own; emergency access opens one case, for hours.

Nobody reads the counselling notes of a case that was there before, until a supervisor gives it again.
"""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import victimcare.codelists


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_records_hang_together"),
        ("victimcare", "0004_shared_cache"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="case",
            options={
                "permissions": [
                    ("work_on_case", "Work on this case"),
                    ("read_counselling", "Read and write this case's counselling notes"),
                ]
            },
        ),
        migrations.AddField(
            model_name="assignment",
            name="counsels",
            field=models.BooleanField(default=False, verbose_name="may read and write counselling notes"),
        ),
        migrations.AddField(
            model_name="historicalassignment",
            name="counsels",
            field=models.BooleanField(default=False, verbose_name="may read and write counselling notes"),
        ),
        migrations.CreateModel(
            name="HistoricalEmergencyAccess",
            fields=[
                ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
                (
                    "opened_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="from"
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="until")),
                (
                    "reason",
                    models.CharField(
                        max_length=40,
                        validators=[victimcare.codelists.validator("emergency-access-reason")],
                        verbose_name="reason",
                    ),
                ),
                (
                    "history_id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "retired_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "subject_key",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="victimcare.subjectkey",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical emergency access",
                "verbose_name_plural": "historical emergency accesss",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="EmergencyAccess",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
                (
                    "opened_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="from"
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="until")),
                (
                    "reason",
                    models.CharField(
                        max_length=40,
                        validators=[victimcare.codelists.validator("emergency-access-reason")],
                        verbose_name="reason",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergencies",
                        to="cases.case",
                    ),
                ),
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
                    "opened_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "subject_key",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="victimcare.subjectkey",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "until"], name="emergencies_of_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at", None), ("retired_by", None)),
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="emergency_retired_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("opened_by", models.F("user"))),
                        name="emergency_opened_by_who_sees_the_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__gt", models.F("opened_at")),
                            (
                                "until__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("opened_at"), "+", models.Value(datetime.timedelta(days=1))
                                ),
                            ),
                        ),
                        name="emergency_of_hours",
                    ),
                ],
            },
        ),
    ]
