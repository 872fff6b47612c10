"""What follows when a second factor is set up, shown or taken away: allauth tells of it by signals."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.http import HttpRequest

from victimcare import audit
from victimcare.models import User
from victimcare.models.logs import Action
from victimcare.sign_in import rule, sessions


def connect() -> None:
    """Once, in `apps.py`."""
    authenticator_added.connect(added, dispatch_uid="victimcare.factor_added")
    authenticator_removed.connect(removed, dispatch_uid="victimcare.factor_removed")


def added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Who sets one up has shown it. What knew the session's key before knows it no longer."""
    if authenticator.type not in rule.FACTORS:
        return
    audit.record(Action.CHANGE, user, by=user)
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    # They may be of who knew the password before there was a second factor.
    sessions.end_all(user, but=request.session.session_key)
    request.session.cycle_key()


def removed(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Other sessions end; without any factor this one leads to the set-up of another."""
    audit.record(Action.CHANGE, user, by=user)
    sessions.end_all(user, but=request.session.session_key)
    if not rule.has_one(user):
        rule.forget_shown(request)
