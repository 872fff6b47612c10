"""The caseload: a user's cases, what waits first, then the newest."""

from django.db import models
from django.db.models import Q, Value, When

from cases.models import Case
from cases.models.cases import CaseQuerySet
from victimcare import access
from victimcare.models import User

# Of ranked cases.
ORDER = ("rank", "-opened_on", "pk")


def waiting_for(user: User) -> Q:
    """Closures that this user may approve: somebody else asked for them in a team that they supervise."""
    teams = access.teams_with(user, "cases.approve_closure")
    return Q(status=Case.Status.CLOSING, team__in=teams) & ~Q(closure_asked_by=user)


def ranked(cases: CaseQuerySet, user: User) -> CaseQuerySet:
    """What waits for this user comes first."""
    first = When(waiting_for(user), Value(0))
    return cases.annotate(rank=models.Case(first, default=Value(1), output_field=models.IntegerField()))
