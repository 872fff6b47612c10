"""The caseload: a user's cases, what waits first, then the newest."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q, Value, When

from cases.models import Case
from cases.models.cases import SEEN_BY, CaseQuerySet, seen_by
from victimcare import access
from victimcare.models import User
from victimcare.paging import SIZE, Page, page_of
from victimcare.prepared import Prepared, Uuids, among

# Of ranked cases.
ORDER = ("rank", "-opened_on", "pk")


def waiting_for(user: User) -> Q:
    """Closures that this user may approve: somebody else asked for them in a team that they supervise."""
    return _waiting_for(user.pk, _approved_by(user))


def _approved_by(user: User) -> list[UUID]:
    return list(access.teams_with(user, "cases.approve_closure"))


def _waiting_for(user: UUID, approved: Any) -> Q:
    closing = Q(among("team_id", approved), status=Case.Status.CLOSING)
    return closing & ~Q(closure_asked_by=user)


def ranked(cases: CaseQuerySet, user: User) -> CaseQuerySet:
    """What waits for this user comes first."""
    return _ranked(cases, user.pk, _approved_by(user))


def first_page(user: User) -> Page:
    """Of the running cases that the user sees, ranked."""
    return page_of(FIRST(approved=_approved_by(user), **seen_by(user)), ORDER)


def _ranked(cases: CaseQuerySet, user: UUID, approved: Any) -> CaseQuerySet:
    first = When(_waiting_for(user, approved), Value(0))
    return cases.annotate(rank=models.Case(first, default=Value(1), output_field=models.IntegerField()))


def _first(approved: Any, **seen: Any) -> CaseQuerySet:
    running = Case.objects.seen(**seen).with_places().running()
    return _ranked(running, seen["user"], approved).order_by(*ORDER)[: SIZE + 1]


FIRST = Prepared(_first, approved=Uuids, **SEEN_BY)
