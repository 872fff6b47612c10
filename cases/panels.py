"""The app's panels of the home page. Numbers, no names: a home page stays open on a desk."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Count, Q, Window
from django.db.models.functions import Cast, Coalesce

from cases import access_log, caseload
from cases.models import Case, EmergencyAccess, Erasure, urgency_rank
from cases.models.cases import CaseQuerySet, read_kinds, seen_by
from cases.views.rows import short_rows_of
from victimcare import access
from victimcare.models import User
from victimcare.prepared import Prepared, Uuids

SHOWN = 3


def my_cases(user: User) -> dict[str, Any] | None:
    """The running cases that the user works on; nothing for a supervisor who works on none."""
    seen = seen_by(user)
    first = _shown(MINE(**{name: seen[name] for name in ("user", "places", "locked")}), user)
    if not first and access.has(user, "cases.supervise"):
        return None
    return {
        "count": first[0].count if first else 0,
        "to_begin": first[0].to_begin if first else 0,
        "rows": short_rows_of(first),
    }


def emergencies(user: User) -> dict[str, Any] | None:
    """How many emergency accesses wait for this user's review; nothing where none does."""
    count = EmergencyAccess.objects.reviewed_by(user).to_review().count()
    return {"count": count} if count else None


def waiting(user: User) -> dict[str, Any]:
    """What waits for a supervisor: closures that somebody else asked for, and cases that nobody works on."""
    visible = Case.objects.visible_to(user)
    count = Window(Count("pk"))
    closing = visible.filter(caseload.waiting_for(user)).annotate(count=count)
    closures = _shown(list(_most_urgent(closing)), user)
    unassigned = _shown(list(_most_urgent(visible.unassigned().annotate(count=count))), user)
    return {
        "closures": closures[0].count if closures else 0,
        "unassigned": unassigned[0].count if unassigned else 0,
        "erasures": Erasure.objects.visible_to(user).waiting().exclude(asked_by=user).count(),
        "closure_rows": short_rows_of(closures),
        "unassigned_rows": short_rows_of(unassigned),
    }


def _most_urgent(cases: CaseQuerySet) -> CaseQuerySet:
    """By urgency, then those that rested longest: since their last step, else since their opening. What is
    counted of all of them comes with each.
    """
    opened = Cast("opened_on", models.DateTimeField())
    resting = cases.annotate(urgency_rank=urgency_rank(), resting_since=Coalesce("stepped_at", opened))
    return resting.order_by("urgency_rank", "resting_since", "pk").with_places()[:SHOWN]


def _mine(**values: Any) -> CaseQuerySet:
    begin = Count("pk", filter=Q(status=Case.Status.INTAKE))
    mine = Case.objects.worked_on(**values).running()
    return _most_urgent(mine.annotate(count=Window(Count("pk")), to_begin=Window(begin)))


MINE = Prepared(_mine, user=UUID, places=Uuids, locked=Uuids)


def _shown(found: list[Any], user: User) -> list[Any]:
    read_kinds(found)
    access_log.numbered(found, by=user)
    return found
