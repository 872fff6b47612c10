"""Mail to who works here: a neutral subject, numbers and links, in their language. Never a name, and nothing
that says what it is about: a mailbox is read by others too.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext

from victimcare import access, acting
from victimcare.models import How, Notification, NotificationChoice, User
from victimcare.models.notifications import NotificationQuerySet
from victimcare.notifications.kinds import all_kinds

KEPT = timedelta(days=90)
# A machine says so: no answer of an absent person comes back (RFC 3834).
HEADERS = {"Auto-Submitted": "auto-generated"}


def at_once(notification_ids: Iterable[UUID]) -> list[UUID]:
    """Those whose recipient wants to hear of them by mail as they happen."""
    found = _wanted(How.AT_ONCE).filter(pk__in=list(notification_ids))
    return list(found.values_list("pk", flat=True))


def readers_of_digests() -> list[UUID]:
    """Users for whom something waits that they want to hear of once a day."""
    waiting = _wanted(How.DIGEST).order_by("recipient_id")
    return list(waiting.values_list("recipient_id", flat=True).distinct())


@transaction.atomic
def mail(notification_id: UUID) -> None:
    """One notification. Stopped between sending and noting it, it is sent twice: better than never."""
    _send(_waiting().filter(pk=notification_id))


@transaction.atomic
def digest(user_id: UUID) -> None:
    """All that waits for one user, in one mail."""
    _send(_wanted(How.DIGEST).filter(recipient=user_id))


def forget(now: datetime) -> int:
    """What was told long ago goes, read or not: the record itself says what became of it."""
    return Notification.objects.filter(made_at__lt=now - KEPT).delete()[0]


def _waiting() -> NotificationQuerySet:
    """Neither read nor mailed, of somebody with a mailbox."""
    found: NotificationQuerySet = Notification.objects.unread().filter(mailed_at=None)
    return found.exclude(recipient__email="")


def _wanted(how: How) -> NotificationQuerySet:
    chosen = NotificationChoice.objects.filter(user=OuterRef("recipient_id"), kind=OuterRef("kind"))
    chosen = chosen.exclude(kind__in=[kind.name for kind in all_kinds() if kind.fixed])
    usual = [kind.name for kind in all_kinds() if kind.at_once == (how == How.AT_ONCE)]
    unsaid = Q(kind__in=usual) & ~Exists(chosen)
    return _waiting().filter(Exists(chosen.filter(how=how)) | unsaid)


def _send(waiting: NotificationQuerySet) -> None:
    """Of one recipient; what they may not see any more is not mailed."""
    locked = list(
        waiting.select_for_update(of=("self",)).select_related("recipient").order_by("made_at", "pk")
    )
    told = _still_open(locked[0].recipient, locked) if locked else []
    if told:
        _message(told[0].recipient, told).send()
        Notification.objects.filter(pk__in=[one.pk for one in told]).update(mailed_at=timezone.now())


def _still_open(recipient: User, locked: list[Notification]) -> list[Notification]:
    """Asked as the recipient themselves: who was disabled, or works nowhere any more, is sent nothing."""
    with acting.as_user(recipient):
        if not access.memberships(recipient):
            return []
        visible = Notification.objects.visible_to(recipient).filter(pk__in=[one.pk for one in locked])
        seen = set(visible.values_list("pk", flat=True))
    return [one for one in locked if one.pk in seen]


def _message(recipient: User, told: list[Notification]) -> EmailMessage:
    with translation.override(recipient.language):
        lines = [f"{one.reference} {settings.SITE_URL}{one.link}".strip() for one in told]
        return EmailMessage(
            subject=gettext("Something waits for you"),
            body="\n".join((gettext("Sign in to read it:"), "", *lines, "")),
            to=[recipient.email],
            headers=HEADERS,
        )
