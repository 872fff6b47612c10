"""The caseload: a user's cases, what waits first, then the newest."""

from django.db import models
from django.db.models import Q, Value, When

from cases.models import Case
from cases.models.cases import CaseQuerySet
from victimcare import access
from victimcare.models import User

# Of ranked cases.
ORDER = ("rank", "-opened_on", "pk")


def ranked(cases: CaseQuerySet, user: User) -> CaseQuerySet:
    """Closures that this user may approve come first: somebody waits for them."""
    waiting = Q(
        status=Case.Status.CLOSING, organization__in=access.organizations_with(user, "cases.approve_closure")
    )
    return cases.annotate(
        rank=models.Case(When(waiting, Value(0)), default=Value(1), output_field=models.IntegerField())
    )
