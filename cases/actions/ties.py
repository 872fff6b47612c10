"""Conflicts of interest: declared by who is tied, recorded and lifted by a supervisor who is not."""

from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import notices
from cases.access import LOCK, require
from cases.actions.assignments import end_work
from cases.models import Assignment, Case, Tie
from cases.ties import forget
from victimcare import acting, records
from victimcare.models import Organization, User

# Sent inside the transaction, with `tie` and `by`: what was sent to an organisation that is tied is taken
# back.
place_tied = Signal()


class LiftedAlready(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This was lifted already."), code="lifted_already")


@transaction.atomic
def declare_tie(case: Case, *, by: User, kind: str, words: str = "", record_id: UUID | None = None) -> Tie:
    """Say that one is tied oneself: all cases of the person are locked to the user from now on, and a
    supervisor is told who is not. Raises PermissionDenied, ValidationError.
    """
    require(by, "cases.work", case)
    return _tied(case, by, kind, words, record_id, user=by)


def declare_tie_unseen(
    case: Case, *, by: User, kind: str, words: str = "", record_id: UUID | None = None
) -> Tie:
    """The same of a case that the user never saw, for the action of a higher app that checked who asks."""
    return _tied(case, by, kind, words, record_id, user=by)


@transaction.atomic
def record_tie(
    case: Case, user: User, *, by: User, kind: str, words: str = "", record_id: UUID | None = None
) -> Tie:
    """A supervisor says that somebody is tied, who learns nothing of it. Raises PermissionDenied,
    ValidationError.
    """
    require(by, LOCK, case)
    return _tied(case, by, kind, words, record_id, user=user)


@transaction.atomic
def record_place_tie(
    case: Case, place: Organization, *, by: User, kind: str, words: str = "", record_id: UUID | None = None
) -> Tie:
    """The alleged perpetrator works or lives in an organisation, or is served there: nothing of the person is
    sent to it, and what was sent is closed to it. Raises PermissionDenied, ValidationError.
    """
    require(by, LOCK, case)
    tie, _new = records.create(_made(case, kind, words, record_id, place=place), by=by)
    place_tied.send(sender=Tie, tie=tie, by=by)
    return tie


@transaction.atomic
def lift_tie(tie: Tie, *, by: User, words: str) -> Tie:
    """The tie was an error, or has ended: what it locked is open again to whom it would be. It stays in the
    record. Raises PermissionDenied, LiftedAlready, ValidationError.
    """
    require(by, LOCK, tie.case)
    if not words.strip():
        raise ValidationError({"lift_words": _("Write something here.")})
    current = records.locked(tie)
    if current.user_id == by.pk:
        raise PermissionDenied
    if current.lifted_at is not None:
        raise LiftedAlready
    return records.change(current, by=by, lifted_at=timezone.now(), lifted_by=by, lift_words=words)


def _tied(case: Case, by: User, kind: str, words: str, record_id: UUID | None, *, user: User) -> Tie:
    """The work of who is tied ends with it. They may be who acts: so the installation ends it, in their
    name.
    """
    number, team_id = case.number, case.team_id
    tie, new = records.create(_made(case, kind, words, record_id, user=user), by=by)
    if new:
        forget(user, by)
        with acting.as_job("departure"):
            _end_work_on(tie, by=by)
        notices.tied(tie, number=number, team_id=team_id)
    return tie


def _made(
    case: Case,
    kind: str,
    words: str,
    record_id: UUID | None,
    *,
    user: User | None = None,
    place: Organization | None = None,
) -> Tie:
    return Tie(
        id=record_id or uuid4(),
        case=case,
        subject_key_id=case.subject_key_id,
        user=user,
        place=place,
        kind=kind,
        words=words,
    )


def _end_work_on(tie: Tie, *, by: User) -> None:
    """On every case of the person."""
    work = Assignment.objects.filter(subject_key_id=tie.subject_key_id, user=tie.user_id, ended_at=None)
    for running in work.select_related("case", "user").select_for_update(of=("self",)).order_by("pk"):
        end_work(running, by=by)
