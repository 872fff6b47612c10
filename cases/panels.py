"""The app's panels of the home page. Numbers, no names: a home page stays open on a desk."""

from typing import Any

from cases import caseload
from cases.models import Case
from cases.models.cases import CaseQuerySet
from cases.views.rows import short_rows_of
from victimcare import access
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
        "rows": _newest(mine),
    }


def waiting(user: User) -> dict[str, Any]:
    """What waits for a supervisor: closures that somebody else asked for, and cases that nobody works on."""
    visible = Case.objects.visible_to(user)
    closures = visible.filter(caseload.waiting_for(user))
    unassigned = visible.unassigned()
    return {
        "closures": closures.count(),
        "unassigned": unassigned.count(),
        "closure_rows": _newest(closures),
        "unassigned_rows": _newest(unassigned),
    }


def _newest(cases: CaseQuerySet) -> list[Any]:
    return short_rows_of(cases.order_by("-opened_on", "pk").with_rows()[:SHOWN])
