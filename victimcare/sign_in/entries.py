"""Coming in, in the access log: who did, who gave a right password and no more yet, and under whose name
somebody was kept out.

The log is only ever added to, and who guesses is not signed in: so there are only so many lines of failures
in a while.
"""

from django.db.models import F
from django.utils import timezone

from victimcare import acting
from victimcare.models import AccessEntry, Membership, Organization, User
from victimcare.models.logs import Action
from victimcare.sign_in.tries import Budget

OF_ACCOUNT = Budget("line-of-account", 20)
OF_NOBODY = Budget("line-of-nobody", 100)


def came_in(user: User) -> None:
    _write(Action.SIGN_IN, user.username, user)


def came_halfway(user: User) -> None:
    """The password was right, and a second step follows."""
    if OF_ACCOUNT.take(user.username):
        _write(Action.HALFWAY, user.username, user)


def kept_out(name: str) -> None:
    """A password, code or key was wrong. The line stands under the account, whoever tried; that of a name
    which nobody has says no name: people write their password there.

    The database is asked as often for every name, so that the answer tells nobody which it was.
    """
    user = User.objects.filter(username=name).first()
    if OF_ACCOUNT.take(name) if user else OF_NOBODY.take(""):
        _write(Action.KEPT_OUT, name, user)


def _write(action: Action, name: str, user: User | None) -> None:
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
    works = Membership.objects.current().filter(user__username=name, started_at__lte=timezone.now())
    latest_end_first = (F("ended_at").desc(nulls_first=True), "started_at", "pk")
    last = works.select_related("organization").order_by(*latest_end_first).first()
    return last.organization if last else None
