"""The app's panels of the home page. Numbers, no names: a home page stays open on a desk."""

from dataclasses import asdict
from typing import Any

from django.db import models
from django.db.models.functions import Cast, Coalesce

from cases import access_log, caseload
from cases.models import URGENCY_KINDS, Case, Erasure, urgency_rank
from cases.models.cases import CaseQuerySet
from cases.views.rows import short_rows_of
from victimcare import access, codelists
from victimcare.models import User

SHOWN = 3


def my_cases(user: User) -> dict[str, Any] | None:
    """The running cases that the user works on; nothing for a supervisor who works on none."""
    mine = Case.objects.visible_to(user).worked_by(user.pk).running()
    count = mine.count()
    if not count and access.has(user, "cases.supervise"):
        return None
    return {
        "count": count,
        "to_begin": mine.filter(status=Case.Status.INTAKE).count(),
        "rows": _most_urgent(mine, user),
    }


def waiting(user: User) -> dict[str, Any]:
    """What waits for a supervisor: closures that somebody else asked for, and cases that nobody works on."""
    visible = Case.objects.visible_to(user)
    closures = visible.filter(caseload.waiting_for(user))
    unassigned = visible.unassigned()
    return {
        "closures": closures.count(),
        "unassigned": unassigned.count(),
        "erasures": Erasure.objects.visible_to(user).waiting().exclude(asked_by=user).count(),
        "closure_rows": _most_urgent(closures, user),
        "unassigned_rows": _most_urgent(unassigned, user),
    }


def _most_urgent(cases: CaseQuerySet, user: User) -> list[dict[str, Any]]:
    """By urgency, then those that rested longest: since their last step, else since their opening."""
    opened = Cast("opened_on", models.DateTimeField())
    resting = cases.with_last_step().annotate(
        urgency_rank=urgency_rank(), resting_since=Coalesce("last_step_at", opened)
    )
    found = list(resting.order_by("urgency_rank", "resting_since", "pk").with_rows()[:SHOWN])
    access_log.numbered(found, by=user)
    return [
        asdict(row) | {"urgency": _urgency(case)}
        for row, case in zip(short_rows_of(found), found, strict=True)
    ]


def _urgency(case: Case) -> dict[str, str]:
    """For the design system's status part."""
    return {
        "kind": URGENCY_KINDS.get(case.urgency, "neutral"),
        "label": codelists.get("urgency").label(case.urgency),
    }
