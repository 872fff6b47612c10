"""What pages show of emergency access: the minimum of a case, who opened what, and what it showed."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases import frequency
from cases.models import Assignment, Case, EmergencyAccess, Party
from cases.models.emergencies import EmergencyQuerySet
from victimcare import codelists, reading
from victimcare.encryption.keyring import SubjectErased
from victimcare.models import User
from victimcare.words import moment_words

Facts = list[tuple[Promise | str, Any]]

SHOWN = "SELECT * FROM app.shown_in_emergency(%s)"


def running_on(case_id: Any, user: User) -> EmergencyAccess | None:
    """The user's own emergency access to this case, while it runs."""
    return _running_on(case_id, user).first()


def came_by(case_id: Any, user: User) -> EmergencyAccess | None:
    """The same, of who does not work on the case by now."""
    works = Assignment.objects.filter(case=OuterRef("case"), user=user, ended_at=None)
    return _running_on(case_id, user).exclude(Exists(works)).first()


def _running_on(case_id: Any, user: User) -> EmergencyQuerySet:
    found: EmergencyQuerySet = EmergencyAccess.objects.own(user).running().filter(case=case_id)
    return found


def remember(request: HttpRequest, emergency: EmergencyAccess | None) -> None:
    """Every page of the case says until when it is open, and how to end that."""
    if emergency:
        request.banner = {  # type: ignore[attr-defined]  # read by victimcare.shell.context
            "template": "cases/parts/emergency_banner.html",
            "until": time_format(timezone.localtime(emergency.until), "TIME_FORMAT"),
            "is_whole": emergency.is_whole,
            "end_url": reverse("cases:emergency_end", args=[emergency.case_id]),
        }


def reviews_of(user: User) -> EmergencyQuerySet:
    """What the user reviews, or has reviewed; all of it is visible to them."""
    found: EmergencyQuerySet = EmergencyAccess.objects.reviewed_by(user)
    return found


def minimum_of(emergency: EmergencyAccess, user: User) -> Case:
    """The case that the user opened, to show the minimum of it. Raises Case.DoesNotExist if it is over."""
    found: Case = (
        Case.objects.in_emergency_of(user).select_related("person", "organization").get(pk=emergency.case_id)
    )
    return found


def dangers(case: Case, user: User) -> list[dict[str, str]]:
    """What matters about the others in the case: of each the name and these words, nothing of what
    happened.
    """
    found = Party.objects.visible_in(case, user).order_by("created_at", "pk")
    return [
        {"name": one.name or gettext("Name not known"), "details": one.details}
        for one in found
        if one.details
    ]


def workers(case: Case, user: User) -> str:
    """Whom to call."""
    found = Assignment.objects.visible_in(case, user).filter(ended_at=None).select_related("user")
    return ", ".join(one.user.name for one in found.order_by("started_at", "pk"))


def rows(emergencies: Iterable[EmergencyAccess]) -> list[dict[str, Any]]:
    counted: dict[Any, bool] = {}
    shown = []
    for one in emergencies:
        who = (one.user_id, one.organization_id)
        if who not in counted:
            counted[who] = frequency.counted(*who).stands_out
        shown.append(_row(one, often=counted[who]))
    return shown


def _row(one: EmergencyAccess, *, often: bool) -> dict[str, Any]:
    return {
        "number": one.number,
        "url": reverse("cases:emergency_review", args=[one.pk]),
        "who": one.user.name,
        "opened": moment_words(one.opened_at),
        "reason": codelists.get("emergency-access-reason").label(one.reason),
        "often": often,
        "kind": "good" if one.reviewed_at else "wait",
        "status": _outcome(one) or gettext("to be reviewed"),
    }


def facts(one: EmergencyAccess) -> Facts:
    return [
        (_("Opened by"), one.user.name),
        (_("From"), moment_words(one.opened_at)),
        (_("Until"), moment_words(one.until)),
        (_("Reason"), codelists.get("emergency-access-reason").label(one.reason)),
        (_("What happened"), _words(one, "words")),
        (_("What was open"), one.get_stage_display()),
        *_more(one),
    ]


def _more(one: EmergencyAccess) -> Facts:
    if one.whole_at is None:
        return []
    return [
        (_("More was opened"), moment_words(one.whole_at)),
        (_("Why more was needed"), _words(one, "whole_words")),
    ]


def review_facts(one: EmergencyAccess) -> Facts:
    if one.reviewed_at is None:
        return []
    return [
        (_("Outcome"), _outcome(one)),
        (_("Reviewed by"), str(one.reviewed_by)),
        (_("On"), moment_words(one.reviewed_at)),
        (_("What was found"), _words(one, "review_words")),
    ]


def shown_in(one: EmergencyAccess) -> list[dict[str, str]]:
    """The log of these minutes, to who reviews them: when, of what, which kinds of data. Nobody else gets
    any.
    """
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, [one.pk])
        lines = cursor.fetchall()
    return [
        {"at": moment_words(at), "did": reading.did_to(action, label), "kinds": reading.kinds_in_words(kinds)}
        for at, action, label, kinds in lines
    ]


def _outcome(one: EmergencyAccess) -> str:
    return codelists.get("emergency-review-outcome").label(one.outcome)


def _words(one: EmergencyAccess, name: str) -> str:
    try:
        found: str = getattr(one, name)
    except SubjectErased:
        return gettext("erased with the person")
    return found
