from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from victimcare.kinds import ADMINISTRATIVE
from victimcare.models.base import Record, RecordQuerySet
from victimcare.models.constraints import by_somebody, known


class Role(models.TextChoices):
    CASEWORKER = "caseworker", _("caseworker")
    SUPERVISOR = "supervisor", _("supervisor")
    PROVIDER = "provider", _("provider staff")
    PRACTITIONER = "practitioner", _("practitioner")
    OFFICER = "officer", _("certification officer")
    EXAMINER = "examiner", _("examiner")
    COORDINATOR = "coordinator", _("national coordinator")
    ANALYST = "analyst", _("hemispheric analyst")
    AUDITOR = "auditor", _("auditor")
    ADMIN = "admin", _("administrator")
    PRIVACY = "privacy", _("data-protection officer")


class User(AbstractUser):
    """Somebody who works with the product.

    Nobody is a superuser: guardian and Django would give one everything.
    """

    id = models.UUIDField(primary_key=True, default=Record._meta.get_field("id").default, editable=False)
    first_name = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    last_name = None  # type: ignore[assignment]  # as above
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    # Invented, made by `manage.py demo`: may go without a second factor, on the loopback only.
    is_demonstration = models.BooleanField(default=False, db_default=False, editable=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(is_superuser=False), name="nobody_is_superuser"),
            known("language", [code for code, _name in settings.LANGUAGES], name="user_language_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class MembershipQuerySet(RecordQuerySet):
    def active(self, now: datetime | None = None) -> Self:
        now = now or timezone.now()
        return self.filter(started_at__lte=now).filter(Q(ended_at=None) | Q(ended_at__gt=now))

    def visible_to(self, user: Any) -> Self:
        """Colleagues: the members of the organisations that the user belongs to."""
        mine = Membership.objects.active().filter(user_id=user.pk).values("organization_id")
        return self.filter(organization_id__in=mine)


class Membership(Record):
    """A fact: this user does this work here, from then until then. All access follows from facts."""

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("user", "organization", "team", "role", "started_at", "ended_at", "ended_by"), ADMINISTRATIVE
    )

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organization = models.ForeignKey("victimcare.Organization", models.PROTECT, related_name="memberships")
    team = models.ForeignKey(
        "victimcare.Team", models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    started_at = models.DateTimeField(_("from"), default=timezone.now)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "team", "role"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="one_membership_a_role",
            ),
            by_somebody("ended", name="membership_ended_by_somebody"),
            by_somebody("retired", name="membership_retired_by_somebody"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")),
                name="membership_ends_after_it_began",
            ),
            known("role", Role.values, name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
