"""What the auditor's pages learn of cases: numbers, organisations and dates, never what a case tells."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import (
    Assignment,
    Case,
    Consent,
    ContactPoint,
    Document,
    Enrolment,
    Incident,
    Note,
    Party,
    Person,
    SubstanceUse,
)
from cases.models.cases import CaseQuerySet
from victimcare import access, acting, audit
from victimcare.kinds import DataKind
from victimcare.models import Role, User
from victimcare.reading import Reference
from victimcare.worksheet import Readable

# Assigned, while the user worked there; and whether they ever counselled in it.
ASSIGNED = """
SELECT c.number, c.organization_id, c.subject_key_id, bool_or(a.counsels OR EXISTS (
    SELECT FROM cases_historicalassignment h WHERE h.id = a.id AND h.counsels))
FROM cases_assignment a
JOIN cases_case c ON c.id = a.case_id
JOIN victimcare_membership m ON m.user_id = a.user_id AND m.organization_id = c.organization_id
WHERE a.user_id = %(user)s AND m.role = ANY(%(roles)s)
AND greatest(a.started_at, m.started_at, %(since)s) < least(
    coalesce(a.ended_at, 'infinity'), coalesce(m.ended_at, 'infinity'),
    coalesce(c.retired_at, 'infinity'), %(until)s
)
GROUP BY c.number, c.organization_id, c.subject_key_id
"""
# In a team that the user supervised, while the case was with that team: its history says when.
SUPERVISED = """
WITH seats AS (
    SELECT team_id, greatest(started_at, %(since)s) AS began,
        least(coalesce(ended_at, 'infinity'), %(until)s) AS ended
    FROM victimcare_membership
    WHERE user_id = %(user)s AND role = ANY(%(roles)s) AND team_id IS NOT NULL
), versions AS (
    SELECT id, team_id, retired_at, history_date AS began,
        lead(history_date, 1, 'infinity') OVER (PARTITION BY id ORDER BY history_date, revision) AS ended
    FROM cases_historicalcase
    WHERE id IN (SELECT id FROM cases_historicalcase WHERE team_id IN (SELECT team_id FROM seats))
)
SELECT DISTINCT c.number, c.organization_id, c.subject_key_id, false
FROM versions v
JOIN seats s ON s.team_id = v.team_id AND greatest(v.began, s.began) < least(v.ended, s.ended)
JOIN cases_case c ON c.id = v.id
WHERE v.retired_at IS NULL
"""
# Opened in an emergency, for hours.
EMERGENCY = """
SELECT DISTINCT c.number, c.organization_id, c.subject_key_id, false
FROM cases_emergencyaccess e
JOIN cases_case c ON c.id = e.case_id
WHERE e.user_id = %(user)s
AND greatest(e.opened_at, %(since)s) < least(e.until, coalesce(e.retired_at, 'infinity'), %(until)s)
"""
MODELS = (
    Assignment,
    Case,
    Consent,
    ContactPoint,
    Document,
    Enrolment,
    Incident,
    Note,
    Party,
    Person,
    SubstanceUse,
)
# Words of the log for what a line is about.
OBJECTS: dict[str, str | Promise] = {
    "cases.Assignment": _("who works on the case"),
    "cases.Case": _("case"),
    "cases.Consent": _("consent"),
    "cases.ContactPoint": _("way to reach the person"),
    "cases.Document": _("document"),
    "cases.EmergencyAccess": _("emergency access"),
    "cases.Enrolment": _("kind of case"),
    "cases.Erasure": _("erasure"),
    "cases.LegalHold": _("legal hold"),
    "cases.Incident": _("what happened"),
    "cases.Note": _("note"),
    "cases.Party": _("other person in the case"),
    "cases.Person": _("person"),
    "cases.RecordRequest": _("request about a case"),
    "cases.SubstanceUse": _("substance use"),
    "cases.Tie": _("conflict of interest"),
}


def readable(account: User, since: datetime, until: datetime) -> Iterable[Readable]:
    """For the breach worksheet. Every kind of data that a case can hold was open with it, counselling notes
    only to who counselled in it.
    """
    asked: dict[str, Any] = {"user": account.pk, "since": since, "until": until}
    kinds = set().union(*(audit.kinds_of(model) for model in MODELS))
    for statement, permission, why in (
        (ASSIGNED, "cases.work", _("worked on the case")),
        (SUPERVISED, "cases.supervise", _("supervised the team of the case")),
        (EMERGENCY, "cases.work", _("opened the case in an emergency")),
    ):
        roles = [str(role) for role in Role if permission in access.permissions_of(role)]
        with connection.cursor() as cursor:
            cursor.execute(statement, asked | {"roles": roles})
            found = cursor.fetchall()
        for number, organization_id, key, counselled in found:
            shown = kinds if counselled else kinds - {DataKind.COUNSELLING}
            yield Readable(number, organization_id, why, shown, (key,))


def references(reader: User, keys: set[UUID]) -> dict[UUID, Reference]:
    """Numbers of cases by subject key: the reader's own, with their address; an auditor's, with that of
    their log.
    """
    own = (
        Case.objects.visible_to(reader)
        .filter(subject_key_id__in=keys)
        .values_list("subject_key_id", "number", "pk")
    )
    found = {key: (number, reverse("cases:case", args=[pk])) for key, number, pk in own}
    states = access.states_with(reader, "victimcare.audit")
    if not states:
        return found
    with acting.as_job("audit"):
        audited = list(
            _of_states(states).filter(subject_key_id__in=keys).only("subject_key_id", "number", "pk")
        )
    return {
        case.subject_key_id: (case.number, reverse("cases:log", args=[case.pk])) for case in audited
    } | found


def of_auditor(reader: User, **lookup: Any) -> Case | None:
    """A case of the auditor's member states, for its log only: number, organisation and key."""
    states = access.states_with(reader, "victimcare.audit")
    if not states:
        return None
    with acting.as_job("audit"):
        found = _of_states(states).filter(**lookup).select_related("organization")
        return found.only(
            "number", "subject_key_id", "organization__name", "organization__member_state"
        ).first()


def _of_states(states: set[str]) -> CaseQuerySet:
    found: CaseQuerySet = Case.objects.filter(organization__member_state__in=states)
    return found
