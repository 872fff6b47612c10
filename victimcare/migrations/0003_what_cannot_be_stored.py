from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("victimcare", "0002_append_only_logs"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="accessentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "action__in",
                        [
                            "read",
                            "list",
                            "search",
                            "create",
                            "change",
                            "print",
                            "export",
                            "refused",
                            "sign_in",
                            "kept_out",
                        ],
                    )
                ),
                name="access_action_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retired_at", None), ("retired_by", None)),
                    models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                    _connector="OR",
                ),
                name="location_retired_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier__in", ["public", "partner", "confidential"])),
                name="location_tier_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retired_at", None), ("retired_by", None)),
                    models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                    _connector="OR",
                ),
                name="membership_retired_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="membership_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="memberstate",
            constraint=models.CheckConstraint(
                condition=models.Q(("consent_days__gte", 1), ("consent_days_maximum__lte", 3650)),
                name="consent_days_within_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retired_at", None), ("retired_by", None)),
                    models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                    _connector="OR",
                ),
                name="organization_retired_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="subjectkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("destroyed_at", None), ("destroyed_by", None)),
                    models.Q(("destroyed_at__isnull", False), ("destroyed_by__isnull", False)),
                    _connector="OR",
                ),
                name="subject_key_destroyed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retired_at", None), ("retired_by", None)),
                    models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                    _connector="OR",
                ),
                name="team_retired_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "es", "pt-br", "fr"])), name="user_language_known"
            ),
        ),
    ]
