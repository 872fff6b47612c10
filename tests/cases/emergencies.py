"""A colleague's case in an emergency: opened, over, and with something of each kind in it."""

from typing import Any

from django.urls import reverse

from cases import actions
from cases.models import Case, ContactPoint, EmergencyAccess, Incident, Note, Party, Tie
from victimcare.forms import new_record_id
from victimcare.models import User

WORDS = "The neighbours called: shouting, and a child."


def filled(case: Case) -> Case:
    """With something of each kind."""
    under = {"subject_key_id": case.subject_key_id}
    ContactPoint.objects.create(
        organization=case.organization, person=case.person, contact_kind="mobile", value="11 2345 6789",
        safety="with_care", rules="After 16:00 only", **under,
    )  # fmt: skip
    Party.objects.create(case=case, role="alleged_perpetrator", name="Bruno", details="Has a weapon", **under)
    Incident.objects.create(case=case, narrative="What she told us", **under)
    Note.objects.create(case=case, text="What was done", **under)
    return case


def said(**values: Any) -> dict[str, Any]:
    return {
        "reason": "life_in_danger",
        "words": WORDS,
        "minutes": "30",
        "record_id": new_record_id(),
    } | values


def page(case: Case, name: str = "emergency") -> str:
    return reverse(f"cases:{name}", args=[case.pk])


def opened(case: Case, by: User, **values: Any) -> EmergencyAccess:
    given = {"reason": "life_in_danger", "words": WORDS, "minutes": 30} | values
    return actions.open_in_emergency(case, by=by, **given)


def over(case: Case, by: User) -> EmergencyAccess:
    return actions.end_emergency(opened(case, by), by=by)


def again(user: User) -> User:
    """As the next request has them."""
    return User.objects.get(pk=user.pk)


def locked(case: Case, user: User, by: User) -> Tie:
    return actions.record_tie(case, user, by=by, kind="neighbour")
