"""The steps of a case: begun, held, resumed, closed by two people, opened again (design section 6)."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import notices
from cases.access import require
from cases.actions import children
from cases.actions.records import EmptyNote, add_note
from cases.models import Case, Note
from victimcare import codelists, records, workflow
from victimcare.models import User

ClosureBlocker = Callable[[Case], str | None]

# A higher app names here what must come to an end first: a sentence that says what to do, or None.
closure_blockers: list[ClosureBlocker] = []

NOT_CLOSED: dict[str, Any] = {"closure_asked_at": None, "closure_asked_by": None, "closure_reason": ""}


class ClosureBlocked(ValidationError):
    """Something of the case is still running; the sentences say what."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__([ValidationError(sentence, code="closure_blocked") for sentence in sentences])


class ApprovedBySamePerson(ValidationError):
    """Who asked for a closure never approves it. A constraint of the database refuses it as well."""

    def __init__(self) -> None:
        super().__init__(
            _("You asked for this closure yourself. Another supervisor of the team has to approve it."),
            code="approved_by_same_person",
        )


def open_work(case: Case, *, by: User) -> Case:
    """Intake is over, work begins."""
    return workflow.advance(case, "open", by=by)


def hold_case(case: Case, *, by: User) -> Case:
    return workflow.advance(case, "hold", by=by)


def resume_case(case: Case, *, by: User) -> Case:
    return workflow.advance(case, "resume", by=by)


@transaction.atomic
def change_urgency(case: Case, *, urgency: str, by: User) -> Case:
    """It became more or less urgent: the timeline tells. Raises PermissionDenied, CaseClosed,
    ValidationError.
    """
    children.require_open(case, by)
    current = Case.objects.get(pk=case.pk)
    if current.urgency == urgency:
        return current
    changed = records.change(current, by=by, urgency=urgency, stepped_at=timezone.now())
    workflow.note_step(changed, "urgency", source=current.status, by=by, reason=urgency)
    return changed


@transaction.atomic
def ask_closure(case: Case, *, by: User, reason: str, words: str = "") -> Case:
    """Ask a supervisor to close the case: a reason of the code list, and words that stay as a note.

    Raises IllegalTransition, ClosureBlocked, PermissionDenied, ValidationError.
    """
    if reason not in dict(codelists.get("closure-reason").choices()):
        raise ValidationError({"closure_reason": _("Choose a reason.")})
    asked = workflow.advance(case, "ask_closure", by=by, reason=reason, closure_reason=reason)
    _require_nothing_running(asked)
    _note(asked, words, by)
    notices.closure_asked(asked)
    return asked


@transaction.atomic
def approve_closure(case: Case, *, by: User) -> Case:
    """Close it. Raises IllegalTransition, ApprovedBySamePerson, ClosureBlocked, PermissionDenied."""
    require(by, "cases.approve_closure", case)
    locked = records.locked(case)
    if locked.status == Case.Status.CLOSING and locked.closure_asked_by_id == by.pk:
        raise ApprovedBySamePerson
    closed = workflow.advance(locked, "approve_closure", by=by, reason=locked.closure_reason)
    _require_nothing_running(closed)
    notices.closure_decided(closed, closed.closure_asked_by)
    return closed


@transaction.atomic
def refuse_closure(case: Case, *, by: User, words: str) -> Case:
    """The case stays open; the words say why, as a note.

    Raises IllegalTransition, PermissionDenied, EmptyNote.
    """
    if not words.strip():
        raise EmptyNote
    asked_by = records.locked(case).closure_asked_by
    refused = workflow.advance(case, "refuse_closure", by=by, **NOT_CLOSED)
    _note(refused, words, by)
    notices.closure_decided(refused, asked_by)
    return refused


def reopen_case(case: Case, *, by: User) -> Case:
    """Work on a closed case again. Who closed it, and why, stays in its history and steps."""
    return workflow.advance(case, "reopen", by=by, closed_at=None, closed_by=None, **NOT_CLOSED)


def _require_nothing_running(case: Case) -> None:
    sentences = [sentence for blocker in closure_blockers if (sentence := blocker(case))]
    if sentences:
        raise ClosureBlocked(sentences)


def _note(case: Case, words: str, by: User) -> None:
    if words.strip():
        add_note(case, Note(kind=Note.Kind.WORK), words, by=by)
