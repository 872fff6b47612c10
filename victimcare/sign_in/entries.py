"""Coming in, in the access log: who did, and under whose name somebody was kept out."""

from django.db.models import F

from victimcare import acting
from victimcare.models import AccessEntry, Membership, Organization, User
from victimcare.models.logs import Action


def came_in(user: User) -> None:
    _write(Action.SIGN_IN, user.username)


def kept_out(name: str) -> None:
    """A password, code or key was wrong. The line stands under the account, whoever tried; that of a name
    which nobody has says no name: people write their password there.
    """
    _write(Action.KEPT_OUT, name)


def _write(action: Action, name: str) -> None:
    """As much is done for every name, so that the answer takes as long."""
    user = User.objects.filter(username=name).first()
    with acting.as_job("log"):
        place = _place_of(name)
        AccessEntry.objects.create(
            action=action,
            by=user,
            object_label=User._meta.label,
            object_id=user.pk if user else None,
            organization=place,
            member_state_id=place.member_state_id if place else None,
            rows=0,
        )


def _place_of(name: str) -> Organization | None:
    """Where they work, or worked last: whoever left may still try to come in."""
    works = Membership.objects.filter(user__username=name).select_related("organization")
    last = works.order_by(F("ended_at").desc(nulls_first=True), "started_at", "pk").first()
    return last.organization if last else None
