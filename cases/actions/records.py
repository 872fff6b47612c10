"""What a case tells: others in it, what happened, what is used, what was noted, in which programme it is.

All of these raise PermissionDenied, CaseClosed and ValidationError; changes raise Stale as well.
"""

from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import require_counsel
from cases.actions import children
from cases.models import Case, Document, Enrolment, Incident, Note, Party, SubstanceUse
from victimcare import records
from victimcare.models import User

M = TypeVar("M", Party, Incident, SubstanceUse, Document)


class EmptyNote(ValidationError):
    def __init__(self) -> None:
        super().__init__({"text": ValidationError(_("Write something."), code="empty_note")})


class AlreadyEnrolled(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            {"kind": ValidationError(_("The case is of this kind already."), code="already_enrolled")}
        )


class EnrolmentEnded(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This was ended already."), code="enrolment_ended")


def add_party(case: Case, party: Party, *, by: User) -> tuple[Party, bool]:
    """Somebody else in the case. An alleged perpetrator is never required for anything."""
    return children.add(case, party, by=by)


def change_party(party: Party, *, by: User, revision: int, **values: Any) -> Party:
    return children.change(party, by=by, revision=revision, **values)


def add_incident(case: Case, incident: Incident, *, by: User) -> tuple[Incident, bool]:
    return children.add(case, incident, by=by)


def change_incident(incident: Incident, *, by: User, revision: int, **values: Any) -> Incident:
    return children.change(incident, by=by, revision=revision, **values)


def add_substance(case: Case, use: SubstanceUse, *, by: User) -> tuple[SubstanceUse, bool]:
    return children.add(case, use, by=by)


def change_substance(use: SubstanceUse, *, by: User, revision: int, **values: Any) -> SubstanceUse:
    return children.change(use, by=by, revision=revision, **values)


@transaction.atomic
def retire(child: M, *, by: User) -> M:
    """It was entered by mistake: pages forget it, history keeps it. Twice is once. A note is corrected."""
    children.require_open(child.case, by)
    current = type(child).objects.get(pk=child.pk)
    return current if current.retired_at else records.retire(current, by=by)


def add_note(
    case: Case, note: Note, words: str, *, by: User, corrects: Note | None = None
) -> tuple[Note, bool]:
    """Write a note, which nobody changes afterwards; `corrects` names an earlier one of the same case.

    `words` go under the key of the note's kind: what was said in counselling is not opened with the rest, and
    is written, or corrected, only by who counsels in the case.
    """
    if not words.strip():
        raise EmptyNote
    if corrects is not None and corrects.case_id != case.pk:
        raise ValidationError(_("The note to be corrected belongs to another case."))
    if any(one and one.kind == Note.Kind.COUNSELLING for one in (note, corrects)):
        require_counsel(by, case)
    note.corrects = corrects
    if note.kind == Note.Kind.COUNSELLING:
        note.counselling_text = words
    else:
        note.text = words
    return children.add(case, note, by=by)


@transaction.atomic
def enrol(case: Case, enrolment: Enrolment, *, by: User) -> tuple[Enrolment, bool]:
    """One more kind of case, from a day on. A kind that is running cannot begin a second time."""
    children.require_open(case, by)
    running = Enrolment.objects.current().filter(case=case, kind=enrolment.kind, ended_on=None)
    if running.exclude(pk=enrolment.pk).exists():
        raise AlreadyEnrolled
    return children.add(case, enrolment, by=by)


@transaction.atomic
def end_enrolment(enrolment: Enrolment, *, by: User, ended_on: date) -> Enrolment:
    """The kind of case ends on that day; its dates stay."""
    children.require_open(enrolment.case, by)
    fresh = Enrolment.objects.get(pk=enrolment.pk)
    if fresh.ended_on is not None:
        raise EnrolmentEnded
    if ended_on > timezone.localdate():
        raise ValidationError({"ended_on": _("It cannot end on a day to come.")})
    if ended_on < fresh.started_on:
        raise ValidationError({"ended_on": _("It cannot end before it began.")})
    return children.change(fresh, by=by, ended_on=ended_on)
