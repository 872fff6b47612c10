"""What the pages show of notifications."""

from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest

from victimcare import access
from victimcare.addresses import address
from victimcare.models import How, Notification, NotificationChoice, User
from victimcare.models.notifications import NotificationQuerySet
from victimcare.notifications.kinds import Kind, all_kinds, named, still_open
from victimcare.paging import Page, key_page
from victimcare.prepared import Prepared
from victimcare.words import moment_words

# Unread first, newest first.
ORDER = ("-is_unread", "-made_at", "-pk")
MOST_COUNTED = 99
# Of one's own unread, to count those that are still open to one.
MOST_READ = 1000
WAITING = Prepared(
    lambda user: (
        Notification.objects.filter(recipient_id=user)
        .unread()
        .only("kind", "record_id")
        .order_by("-made_at")[:MOST_READ]
    ),
    user=UUID,
)


def of_user(user: User) -> NotificationQuerySet:
    """All of their own, those too that were closed to them since."""
    is_unread = ExpressionWrapper(Q(read_at=None), output_field=BooleanField())
    return _own(user).annotate(is_unread=is_unread)


def page_of(user: User, request: HttpRequest) -> tuple[Page, list[dict[str, Any]]]:
    """What is still open to them. A page on which all was closed since is passed over."""
    found = of_user(user)
    page = key_page(found, request, by=ORDER)
    while not (rows := rows_of(page.rows, user)) and page.next_key:
        page = key_page(found, request, by=ORDER, after=page.next_key)
    return page, rows


def _own(user: User) -> NotificationQuerySet:
    found: NotificationQuerySet = Notification.objects.filter(recipient_id=user.pk)
    return found


def rows_of(found: list[Notification], user: User) -> list[dict[str, Any]]:
    return [
        {
            "what": str(named(one.kind).label),
            "reference": one.reference,
            "at": moment_words(one.made_at),
            "is_unread": one.read_at is None,
            "url": address("notifications:open", one.pk),
        }
        for one in still_open(found, user)
    ]


def unread_words(user: User) -> str:
    """How many wait, for the head of each page. Empty for none."""
    count = len(still_open(WAITING(user=user.pk), user))
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


def kinds_for(user: User) -> list[Kind]:
    """What this user may be told of, and may choose how."""
    free = [kind for kind in all_kinds() if not kind.fixed]
    return [kind for kind in free if not kind.permission or access.has(user, kind.permission)]


def choices_of(user: User) -> dict[str, str]:
    """How the user wants to hear of each kind: as they chose, else as the kind says."""
    usual = {kind.name: How.AT_ONCE if kind.at_once else How.DIGEST for kind in kinds_for(user)}
    chosen = NotificationChoice.objects.filter(user=user, kind__in=usual).values_list("kind", "how")
    return {str(name): str(how) for name, how in (usual | dict(chosen)).items()}
