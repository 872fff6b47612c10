"""What people are told. Each reads their own; whoever acts may tell others, and reads nothing back."""

from django.db import migrations

from victimcare.row_security import SOMEBODY, also, is_job, secure, stays

MINE = "recipient_id = (SELECT app.me())"
MY_CHOICE = "user_id = (SELECT app.me())"


class Migration(migrations.Migration):
    dependencies = [
        ("victimcare", "0009_sign_in"),
    ]

    operations = [
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
