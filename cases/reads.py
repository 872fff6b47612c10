"""What the pages of one case ask of it, by queries that are written once (ADR 13). Each takes a case, not an
id: one that this user was found to see. And what a search asks of cases.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef

from cases import keeping
from cases.access import CaseGrant
from cases.models import (
    Assignment,
    Case,
    Consent,
    ContactPoint,
    Document,
    Incident,
    Note,
    Party,
    SubstanceUse,
)
from cases.models.cases import SEEN_BY, CaseQuerySet, read_rows, seen_by
from victimcare import access
from victimcare.encryption import keyring
from victimcare.models import Step, User
from victimcare.paging import SIZE
from victimcare.prepared import Prepared, Uuids, among

NEWEST_FIRST = ("-created_at", "-pk")


def _case(case: UUID, **seen: Any) -> CaseQuerySet:
    """With all that its page asks of the row: what this user is granted, whether contacts were changed."""
    granted = access.codenames(CaseGrant, seen["user"]).filter(content_object_id=OuterRef("pk"))
    changed = ContactPoint.changes_of(OuterRef("person_id"))
    found: CaseQuerySet = keeping.with_keeping(Case.objects.seen(**seen)).filter(pk=case)
    return found.annotate(granted=ArraySubquery(granted), contacts_changed=Exists(changed)).select_related(
        "organization", "team", "person", "created_by", "subject_key__state_key__member_state"
    )


def _among(cases: Any, **seen: Any) -> CaseQuerySet:
    found: CaseQuerySet = Case.objects.seen(**seen).filter(among("pk", cases)).only("pk")
    return found


CASE = Prepared(_case, case=UUID, **SEEN_BY)
AMONG = Prepared(_among, cases=Uuids, **SEEN_BY)
PARTIES = Prepared(lambda case: Party.objects.of_case(case).order_by("created_at", "pk"), case=UUID)
INCIDENTS = Prepared(lambda case: Incident.objects.of_case(case).order_by("created_at", "pk"), case=UUID)
SUBSTANCES = Prepared(
    lambda case: SubstanceUse.objects.of_case(case).order_by("rank", "created_at", "pk"), case=UUID
)
NOTES = Prepared(
    lambda case, user: (
        Note.objects.seen_in(case, user)
        .select_related("created_by", "corrects")
        .order_by(*NEWEST_FIRST)[: SIZE + 1]
    ),
    case=UUID, user=UUID,
)  # fmt: skip
CONSENTS = Prepared(
    lambda case: (
        Consent.objects.of_case(case)
        .select_related("recipient", "created_by", "withdrawn_by")
        .order_by("-valid_from", "-created_at", "pk")
    ),
    case=UUID,
)
DOCUMENTS = Prepared(
    lambda case: Document.objects.of_case(case).select_related("created_by").order_by("-created_at", "pk"),
    case=UUID,
)
CONTACTS = Prepared(lambda person: ContactPoint.objects.of_person(person), person=UUID)
CONTACT_CHANGES = Prepared(lambda person: ContactPoint.changes_of(person)[:SIZE], person=UUID)
STEPS = Prepared(
    lambda case: Step.objects.filter(object_label=Case._meta.label, object_id=case).select_related("by"),
    case=UUID,
)
ASSIGNMENT_HISTORY = Prepared(Assignment.history_of, case=UUID)

# What a search leads to, of the cases that somebody sees.
OF_PERSONS = Prepared(
    lambda persons, **seen: Case.objects.seen(**seen).filter(among("person_id", persons)).with_places(),
    persons=Uuids, **SEEN_BY,
)  # fmt: skip
NUMBERED = Prepared(
    lambda number, **seen: Case.objects.seen(**seen).filter(number=number).with_places(),
    number=str, **SEEN_BY,
)  # fmt: skip


def case_seen(pk: UUID, user: User) -> Case | None:
    """The case with its people, and its key at hand; None for one that this user does not see."""
    found: list[Case] = read_rows(CASE(case=pk, **seen_by(user)))
    keyring.take(one.subject_key for one in found)
    return next(iter(found), None)


def seen_among(user: User, cases: Collection[UUID]) -> set[UUID]:
    """Those that this user sees."""
    return {case.pk for case in AMONG(cases=list(cases), **seen_by(user))}


def parties(case: Case) -> list[Party]:
    return PARTIES(case=case.pk)


def incidents(case: Case) -> list[Incident]:
    return INCIDENTS(case=case.pk)


def substances(case: Case) -> list[SubstanceUse]:
    return SUBSTANCES(case=case.pk)


def newest_notes(case: Case, user: User) -> list[Note]:
    """One more than the timeline tells of; counselling notes only to who counsels in the case."""
    return case.read_once("notes", lambda: NOTES(case=case.pk, user=user.pk))


def consents(case: Case) -> list[Consent]:
    """The newest first."""
    return case.read_once("consents", lambda: CONSENTS(case=case.pk))


def documents(case: Case) -> list[Document]:
    """The newest first."""
    return DOCUMENTS(case=case.pk)


def contacts(case: Case) -> list[ContactPoint]:
    return CONTACTS(person=case.person_id)


def contact_changes(case: Any) -> list[Any]:
    """As history rows, newest first."""
    if not getattr(case, "contacts_changed", True):  # asked with the case
        return []
    return CONTACT_CHANGES(person=case.person_id)


def steps(case: Case) -> list[Step]:
    return STEPS(case=case.pk)


def assignment_history(case: Case) -> list[Any]:
    """As history rows, oldest first."""
    return ASSIGNMENT_HISTORY(case=case.pk)
