"""Telling people, and what they do with what they are told."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import resolve
from django.utils import timezone

from victimcare import acting
from victimcare.models import How, Notification, NotificationChoice, User
from victimcare.notifications import tasks
from victimcare.notifications.kinds import Kind, named


@transaction.atomic
def tell(recipients: Iterable[User], kind: Kind | str, *, reference: str, link: str, once: str = "") -> None:
    """Tell users that something waits for them, within the transaction of the fact that causes it; mail goes
    out after it, to each as they chose. Nobody is told what they did themselves.

    `reference` is the number of a record, or empty; `link` a path of this site. Told again with the same
    words in `once`, it is told once. Raises KeyError for an unknown kind, Resolver404, TypeError.
    """
    about, record_id = named(kind), _record_of(link)
    if about.sees is not None and record_id is None:
        raise TypeError(f"{about.name} tells of a record, and the link leads to none.")
    made = [
        Notification(
            recipient=user,
            kind=about.name,
            reference=reference,
            link=link,
            record_id=record_id,
            once=once,
        )
        for user in _told(recipients)
    ]
    Notification.objects.bulk_create(made, ignore_conflicts=bool(once))
    if made:
        tasks.deliver.enqueue([str(one.pk) for one in made])


@transaction.atomic
def mark_read(notification: Notification, *, by: User) -> None:
    Notification.objects.visible_to(by).unread().filter(pk=notification.pk).update(read_at=timezone.now())


@transaction.atomic
def mark_all_read(*, by: User) -> None:
    """Those too that were closed to them since: else these would stand before all others for months."""
    Notification.objects.filter(recipient=by).unread().update(read_at=timezone.now())


@transaction.atomic
def choose(chosen: Mapping[str, str], *, by: User) -> None:
    """How the user wants to hear of each kind: its name -> one of `How`. Raises KeyError, ValueError."""
    if fixed := [name for name in chosen if named(name).fixed]:
        raise ValueError(f"Everybody hears at once of {', '.join(fixed)}.")
    for name, how in chosen.items():
        NotificationChoice.objects.update_or_create(
            user=by, kind=named(name).name, defaults={"how": How(how)}
        )


def _told(recipients: Iterable[User]) -> list[User]:
    """Each once. Only who works with the product has a mailbox that this product may write to: the persons
    who are served have none here, whatever they gave as a contact.
    """
    found = {user.pk: user for user in recipients}
    if not all(isinstance(user, User) for user in found.values()):
        raise TypeError("Only users are told.")
    doer = acting.user()
    return [user for user in found.values() if user.is_active and user != doer]


def _record_of(link: str) -> UUID | None:
    """What the page of that address is about."""
    found: dict[str, Any] = resolve(link).kwargs
    return found.get("pk")
