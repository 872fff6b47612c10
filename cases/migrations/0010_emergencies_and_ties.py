"""Emergency access has stages, words and a review; and conflicts of interest.

Until now nothing opened an emergency access: the table is empty, and so its new columns need no value for rows of
before.
"""

import uuid

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import victimcare.codelists
import victimcare.encryption.fields
import victimcare.encryption.sealed


def sealed(
    model: str, name: str, *, kind: str, long: bool, verbose_name: str
) -> migrations.SeparateDatabaseAndState:
    """An encrypted column that is empty: Django would ask the field for a value to write by itself."""
    column = f"ALTER TABLE cases_{model} ADD COLUMN {name} bytea"
    field = victimcare.encryption.fields.EncryptedTextField(kind=kind, long=long, verbose_name=verbose_name)
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(column, column.replace("ADD", "DROP").removesuffix(" bytea"))],
        [migrations.AddField(model, name, field)],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0009_documents"),
        ("victimcare", "0015_privacy_officer"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalTie",
            fields=[
                ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
                ("mac", victimcare.encryption.sealed.RowMac()),
                (
                    "kind",
                    models.CharField(
                        max_length=24,
                        validators=[victimcare.codelists.validator("tie-kind")],
                        verbose_name="tie",
                    ),
                ),
                (
                    "words",
                    victimcare.encryption.fields.EncryptedTextField(
                        kind="risk", long=True, verbose_name="in words"
                    ),
                ),
                ("lifted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "lift_words",
                    victimcare.encryption.fields.EncryptedTextField(
                        kind="risk", long=True, verbose_name="why it is lifted"
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
            ],
            options={
                "verbose_name": "historical tie",
                "verbose_name_plural": "historical ties",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Tie",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
                ("mac", victimcare.encryption.sealed.RowMac()),
                (
                    "kind",
                    models.CharField(
                        max_length=24,
                        validators=[victimcare.codelists.validator("tie-kind")],
                        verbose_name="tie",
                    ),
                ),
                (
                    "words",
                    victimcare.encryption.fields.EncryptedTextField(
                        kind="risk", long=True, verbose_name="in words"
                    ),
                ),
                ("lifted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "lift_words",
                    victimcare.encryption.fields.EncryptedTextField(
                        kind="risk", long=True, verbose_name="why it is lifted"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="mac",
            field=victimcare.encryption.sealed.RowMac(),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="number",
            field=models.CharField(editable=False, max_length=13, verbose_name="case number"),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="victimcare.organization",
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="outcome",
            field=models.CharField(
                blank=True,
                max_length=40,
                validators=[victimcare.codelists.validator("emergency-review-outcome")],
                verbose_name="outcome of the review",
            ),
        ),
        sealed("emergencyaccess", "review_words", kind="risk", long=True, verbose_name="what was found"),
        migrations.AddField(
            model_name="emergencyaccess",
            name="reviewed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="reviewed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="stage",
            field=models.CharField(
                choices=[("minimum", "the minimum"), ("whole", "all but counselling notes")],
                default="minimum",
                editable=False,
                max_length=8,
                verbose_name="what is open",
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="whole_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="whole_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        sealed("emergencyaccess", "whole_words", kind="risk", long=True, verbose_name="why more is needed"),
        sealed("emergencyaccess", "words", kind="risk", long=True, verbose_name="what happened"),
        migrations.AddField(
            model_name="historicalemergencyaccess",
            name="mac",
            field=victimcare.encryption.sealed.RowMac(),
        ),
        migrations.AddField(
            model_name="historicalemergencyaccess",
            name="number",
            field=models.CharField(editable=False, max_length=13, verbose_name="case number"),
        ),
        migrations.AddField(
            model_name="historicalemergencyaccess",
            name="organization",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="victimcare.organization",
            ),
        ),
        migrations.AddField(
            model_name="historicalemergencyaccess",
            name="outcome",
            field=models.CharField(
                blank=True,
                max_length=40,
                validators=[victimcare.codelists.validator("emergency-review-outcome")],
                verbose_name="outcome of the review",
            ),
        ),
        sealed(
            "historicalemergencyaccess", "review_words", kind="risk", long=True, verbose_name="what was found"
        ),
        migrations.AddField(
            model_name="historicalemergencyaccess",
            name="reviewed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="historicalemergencyaccess",
            name="reviewed_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalemergencyaccess",
            name="stage",
            field=models.CharField(
                choices=[("minimum", "the minimum"), ("whole", "all but counselling notes")],
                default="minimum",
                editable=False,
                max_length=8,
                verbose_name="what is open",
            ),
        ),
        migrations.AddField(
            model_name="historicalemergencyaccess",
            name="whole_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="historicalemergencyaccess",
            name="whole_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        sealed(
            "historicalemergencyaccess",
            "whole_words",
            kind="risk",
            long=True,
            verbose_name="why more is needed",
        ),
        sealed("historicalemergencyaccess", "words", kind="risk", long=True, verbose_name="what happened"),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("whole_at", None), ("whole_by", None)),
                    models.Q(("whole_at__isnull", False), ("whole_by__isnull", False)),
                    _connector="OR",
                ),
                name="emergency_whole_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reviewed_at", None), ("reviewed_by", None)),
                    models.Q(("reviewed_at__isnull", False), ("reviewed_by__isnull", False)),
                    _connector="OR",
                ),
                name="emergency_reviewed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("stage__in", ["minimum", "whole"])), name="emergency_in_a_known_stage"
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "minimum"), ("whole_at", None)),
                    models.Q(("stage", "whole"), ("whole_at__isnull", False)),
                    _connector="OR",
                ),
                name="emergency_whole_since_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reviewed_by", None),
                    models.Q(("reviewed_by", models.F("opened_by")), _negated=True),
                    _connector="OR",
                ),
                name="emergency_reviewed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", ""), ("reviewed_at", None)),
                    models.Q(("reviewed_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                    _connector="OR",
                ),
                name="emergency_reviewed_with_an_outcome",
            ),
        ),
        migrations.AddField(
            model_name="historicaltie",
            name="case",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="cases.case",
            ),
        ),
        migrations.AddField(
            model_name="historicaltie",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicaltie",
            name="history_user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicaltie",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicaltie",
            name="place",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="victimcare.organization",
            ),
        ),
        migrations.AddField(
            model_name="historicaltie",
            name="retired_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicaltie",
            name="subject_key",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="victimcare.subjectkey",
            ),
        ),
        migrations.AddField(
            model_name="historicaltie",
            name="user",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tie",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ties", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="tie",
            name="created_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tie",
            name="lifted_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tie",
            name="place",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="victimcare.organization",
            ),
        ),
        migrations.AddField(
            model_name="tie",
            name="retired_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tie",
            name="subject_key",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="victimcare.subjectkey",
            ),
        ),
        migrations.AddField(
            model_name="tie",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="tie",
            index=models.Index(
                condition=models.Q(("lifted_at", None)), fields=["user", "subject_key"], name="ties_of_user"
            ),
        ),
        migrations.AddIndex(
            model_name="tie",
            index=models.Index(
                condition=models.Q(("lifted_at", None)), fields=["place", "subject_key"], name="ties_of_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="tie",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at", None), ("lifted_by", None)),
                    models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False)),
                    _connector="OR",
                ),
                name="tie_lifted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="tie",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("place__isnull", False), ("user", None)),
                    models.Q(("place", None), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="tie_of_a_user_or_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="tie",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lifted_by", None),
                    ("user", None),
                    models.Q(("lifted_by", models.F("user")), _negated=True),
                    _connector="OR",
                ),
                name="tie_lifted_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="tie",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None), ("retired_at", None)),
                fields=("case", "user"),
                name="one_running_tie_of_a_user",
            ),
        ),
        migrations.AddConstraint(
            model_name="tie",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None), ("retired_at", None)),
                fields=("case", "place"),
                name="one_running_tie_of_a_place",
            ),
        ),
        migrations.AddIndex(
            model_name="emergencyaccess",
            index=models.Index(fields=["organization", "opened_at"], name="emergencies_of_place"),
        ),
        migrations.AddIndex(
            model_name="emergencyaccess",
            index=models.Index(
                condition=models.Q(("reviewed_at", None)),
                fields=["organization"],
                name="emergencies_to_review",
            ),
        ),
    ]
