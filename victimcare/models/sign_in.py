"""What signing in leaves behind: open sessions, counted tries, and links by which somebody new comes in."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from victimcare.kinds import ADMINISTRATIVE
from victimcare.models.base import Record, RecordQuerySet
from victimcare.models.constraints import by_somebody


class SessionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """One's own."""
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()

    def living(self) -> Self:
        """Neither left alone for too long nor begun too long ago."""
        return self.used_since(**limits())

    def used_since(self, seen: datetime, started: datetime) -> Self:
        return self.filter(seen_at__gt=seen, started_at__gt=started)


def limits() -> dict[str, datetime]:
    """A session that was last seen, or was started, before these moments is over."""
    now = timezone.now()
    return {
        "seen": now - timedelta(seconds=settings.SESSION_IDLE_SECONDS),
        "started": now - timedelta(seconds=settings.SESSION_COOKIE_AGE),
    }


class Session(AbstractBaseSession):
    """`session_key` is the SHA-256 of what the cookie holds: who reads this table can open none of them.
    `id` names it on the page that ends it; `browser` is as coarse as "Firefox, Windows".
    """

    session_key = models.CharField(max_length=64, primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("victimcare.User", models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    browser = models.CharField(max_length=40, blank=True)

    objects = SessionQuerySet.as_manager()  # type: ignore[assignment]  # Django's own saves rows, which nobody uses

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from victimcare.sign_in.sessions import SessionStore

        return SessionStore


class Tries(models.Model):
    """When something was tried that is only free so often in a while. `key` is a MAC, and names nobody."""

    key = models.CharField(max_length=64, primary_key=True)
    times = ArrayField(models.DateTimeField())

    def __str__(self) -> str:
        return self.key


class InvitationQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Those into the organisations whose members the user keeps."""
        from victimcare import access

        return self.filter(organization__in=access.organizations_with(user, access.KEEP_MEMBERS))

    def open(self) -> Self:
        return self.filter(used_at=None, retired_at=None, expires_at__gt=timezone.now())


class Invitation(Record):
    """A link by which somebody new sets a password, once. Of its token only the SHA-256 is kept; withdrawn is
    retired.
    """

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("user", "organization", "token_hash", "expires_at", "used_at"), ADMINISTRATIVE
    )

    user = models.ForeignKey("victimcare.User", models.PROTECT, related_name="invitations")
    organization = models.ForeignKey("victimcare.Organization", models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("until"))
    used_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            by_somebody("retired", name="invitation_retired_by_somebody"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(retired_at=None), name="invitation_used_or_withdrawn"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
