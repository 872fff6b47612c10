"""What people are told: that something of theirs waits, by a number and a link, and never about whom."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from victimcare.models.constraints import known

# A number of a record (victimcare/numbers.py), or nothing: no name fits.
REFERENCE = r"^([0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z])?$"
# A path of this site, without words that somebody typed.
LINK = r"^/([a-z0-9_-]+/)*$"


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Their own, as long as they may see the record: of what was closed to them they are told nothing."""
        from victimcare.notifications import kinds

        return self.filter(kinds.open_to(user), recipient_id=user.pk)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notification(models.Model):
    """One thing that one user is told. `record_id` is what the link leads to, if it is a record.

    `once` is empty, or says of what this is the only telling: a day, a term.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey("victimcare.User", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=13, blank=True)
    link = models.CharField(max_length=200)
    record_id = models.UUIDField(null=True)
    once = models.CharField(max_length=20, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reference__regex=REFERENCE), name="notification_names_a_number"
            ),
            models.CheckConstraint(condition=Q(link__regex=LINK), name="notification_leads_into_this_site"),
            models.UniqueConstraint(
                fields=["recipient", "kind", "record_id", "once"],
                condition=~Q(once=""),
                name="notification_told_once",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "made_at"], name="notifications_of_user"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notifications_unread"),
        ]

    def __str__(self) -> str:
        return self.kind


class How(models.TextChoices):
    AT_ONCE = "at_once", _("by mail, at once")
    DIGEST = "digest", _("by mail, once a day")
    PRODUCT = "product", _("only here")


class NotificationChoice(models.Model):
    """How a user wants to hear of one kind; without a row it is as the kind says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("victimcare.User", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    how = models.CharField(max_length=8, choices=How.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="one_choice_a_kind"),
            known("how", How.values, name="notification_how_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.how}"
