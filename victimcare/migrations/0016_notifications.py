"""What people are told. Each reads their own; whoever acts may tell others, and reads nothing back."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from victimcare.row_security import SOMEBODY, also, is_job, secure, stays

MINE = "recipient_id = (SELECT app.me())"
MY_CHOICE = "user_id = (SELECT app.me())"


class Migration(migrations.Migration):
    dependencies = [
        ("victimcare", "0019_counters_behind_the_second_wall"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=40)),
                ("reference", models.CharField(blank=True, max_length=13)),
                ("link", models.CharField(max_length=200)),
                ("record_id", models.UUIDField(null=True)),
                ("once", models.CharField(blank=True, max_length=20)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["recipient", "made_at"], name="notifications_of_user"),
                    models.Index(
                        condition=models.Q(("read_at", None)),
                        fields=["recipient"],
                        name="notifications_unread",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reference__regex", "^([0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z])?$")
                        ),
                        name="notification_names_a_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("link__regex", "^/([a-z0-9_-]+/)*$")),
                        name="notification_leads_into_this_site",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("once", ""), _negated=True),
                        fields=("recipient", "kind", "record_id", "once"),
                        nulls_distinct=False,
                        name="notification_told_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotificationChoice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=40)),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("at_once", "by mail, at once"),
                            ("digest", "by mail, once a day"),
                            ("product", "only here"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind"), name="one_choice_a_kind"),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["at_once", "digest", "product"])),
                        name="notification_how_known",
                    ),
                ],
            },
        ),
        secure(
            "victimcare_notification",
            read=MINE,
            add=SOMEBODY,
            change=MINE,
            jobs=dict.fromkeys(("read", "change", "remove"), ("notices",)),
        ),
        stays(
            "victimcare_notification",
            "recipient_id",
            "kind",
            "reference",
            "link",
            "record_id",
            "once",
            "made_at",
        ),  # fmt: skip
        secure(
            "victimcare_notificationchoice",
            read=MY_CHOICE,
            add=MY_CHOICE,
            change=MY_CHOICE,
            jobs={"read": ("notices",)},
        ),
        stays("victimcare_notificationchoice", "user_id", "kind"),
        # Who is to be told may work elsewhere than who causes it.
        also("victimcare_membership", "of_notices", read=is_job("notices")),
    ]
