"""Two logs that are only ever added to: who saw what, and which step was taken by whom."""

import uuid
from typing import Any, NoReturn, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from victimcare.models.constraints import known


class LogQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.none()

    def about(self, record: models.Model) -> Self:
        return self.filter(object_label=record._meta.label, object_id=record.pk)

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("A log is only ever added to.")

    def delete(self) -> NoReturn:
        raise TypeError("A log is only ever added to.")


class LogEntry(models.Model):
    """`object_label` is a model's label, empty if unknown; `object_id` is empty for a list or a search."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    by = models.ForeignKey("victimcare.User", models.PROTECT, null=True, related_name="+")
    object_label = models.CharField(max_length=60)
    object_id = models.UUIDField(null=True)

    objects = LogQuerySet.as_manager()

    class Meta:
        abstract = True


class Action(models.TextChoices):
    READ = "read", _("read")
    LIST = "list", _("listed")
    SEARCH = "search", _("searched")
    CREATE = "create", _("created")
    CHANGE = "change", _("changed")
    PRINT = "print", _("printed")
    EXPORT = "export", _("exported")
    REFUSED = "refused", _("refused")
    SIGN_IN = "sign_in", _("signed in")
    HALFWAY = "halfway", _("right password, second step asked for")
    KEPT_OUT = "kept_out", _("kept out")


# At the door: about nothing but the account.
ENTRANCES = (Action.SIGN_IN, Action.HALFWAY, Action.KEPT_OUT)


class AccessEntryQuerySet(LogQuerySet):
    def visible_to(self, user: Any) -> Self:
        """An auditor reads the whole log of their member states; a supervisor what the people of their
        teams did with records of the organisation, and not when they came in.
        """
        from victimcare import access
        from victimcare.models.users import Membership

        audited = access.states_with(user, "victimcare.audit")
        watched = access.memberships_with(user, "victimcare.watch_team")
        teams = {one.team_id for one in watched if one.team_id}
        people = Membership.objects.active().filter(team__in=teams).values("user_id")
        own = Q(organization__in={one.organization_id for one in watched}, by__in=people)
        return self.filter(Q(member_state__in=audited) | own & ~Q(action__in=ENTRANCES))

    def of_subject(self, subject_key_id: Any, organization_id: Any) -> Self:
        """Who saw what of one person in one organisation. Whoever may see the record may know."""
        return self.filter(subject_key_id=subject_key_id, organization=organization_id)


_UNASKED: dict[str, Any] = {"related_name": "+", "db_index": False, "db_constraint": False}


class AccessEntry(LogEntry):
    """Somebody came in, or read, wrote, printed or was refused something about a person; `kinds` says which
    data.

    `subject_key_id` says whose data it was, and is no foreign key: erasing a person's key leaves the log as
    it is. The lists of columns in victimcare/sealing/ have to name a new column too.
    """

    action = models.CharField(max_length=8, choices=Action.choices)
    # Read by time, by person and by user: indexes that nobody asks would only slow down every read of a page.
    # Nor are there foreign keys, each of which is asked for at each line: who writes one is the user of the
    # line, or nobody (the policy of the table), and none of these rows is ever deleted.
    by = models.ForeignKey("victimcare.User", models.PROTECT, null=True, **_UNASKED)
    member_state = models.ForeignKey("victimcare.MemberState", models.PROTECT, null=True, **_UNASKED)
    organization = models.ForeignKey("victimcare.Organization", models.PROTECT, null=True, **_UNASKED)
    subject_key_id = models.UUIDField(null=True)
    kinds = ArrayField(models.CharField(max_length=12), default=list)
    rows = models.PositiveIntegerField(default=1)

    objects = AccessEntryQuerySet.as_manager()

    class Meta:
        constraints = [known("action", Action.values, name="access_action_known")]
        indexes = [
            models.Index(fields=["object_id", "at"], name="access_of_object"),
            models.Index(fields=["by", "at"], name="access_by_user"),
            models.Index(
                fields=["subject_key_id", "at"],
                name="access_of_subject",
                condition=Q(subject_key_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}"


class Step(LogEntry):
    """One step of a workflow: from which state to which, by which verb, with a coded reason if it has one."""

    verb = models.CharField(max_length=40)
    source = models.CharField(max_length=20)
    target = models.CharField(max_length=20)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["object_id", "at"], name="steps_of_object")]

    def __str__(self) -> str:
        return f"{self.object_label} {self.verb}"
