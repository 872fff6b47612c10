"""A person is erased by two people; a legal hold forbids it."""

from collections.abc import Iterable
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import require
from cases.actions.assignments import end_work
from cases.actions.consents import end_consent
from cases.erasing import kept_by_hold
from cases.models import Assignment, Case, Consent, Erasure, LegalHold, Party, RecordRequest
from cases.workers import cases_held
from victimcare import access, acting, erasure_ledger, records, workflow
from victimcare.models import User

# Sent inside the transaction, while the person can still be read, with `case` and `by`: what was shared of
# this case ends too, and who received it is told.
person_erasing = Signal()
# Sent before records of others' cases that name the person are overwritten, with `parties` and `by`: who
# received their name with somebody else's packet is told.
named_erasing = Signal()
# Sent by the replay alone, with `parties` and `by`: what waits for an answer and names them is taken back. On
# the pages an erasure waits for the answer instead.
named_withdrawing = Signal()


class Held(ValidationError):
    """The law wants the case kept."""

    def __init__(self) -> None:
        super().__init__(
            _("A legal hold keeps this case. Lift it first, if it has ended."), code="legal_hold"
        )


class HeldElsewhere(ValidationError):
    """The law wants another case kept, with what it says of this person."""

    def __init__(self) -> None:
        super().__init__(
            _("A legal hold keeps another case that names this person. Leave its record as it is."),
            code="held_elsewhere",
        )


class HeldAlready(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("A legal hold keeps this case already."), code="held_already")


class HoldLifted(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This legal hold was lifted already."), code="hold_lifted")


class AskedAlready(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("Somebody asked for this already. It waits for a supervisor."), code="asked_already"
        )


class ErasedBySamePerson(ValidationError):
    """Who asked for an erasure never approves it. The database refuses it as well."""

    def __init__(self) -> None:
        super().__init__(
            _("You asked for this yourself. Another supervisor of the team has to approve it."),
            code="erased_by_same_person",
        )


class OtherTeamHolds(ValidationError):
    """One person, several cases: who erases has to see all of them."""

    def __init__(self, teams: Iterable[str]) -> None:
        super().__init__(
            _("Another team has a case of this person too: %(teams)s. Have it given to your team first."),
            code="other_team_holds",
            params={"teams": ", ".join(teams)},
        )


class StillWaiting(ValidationError):
    """A packet that names this person lies with a provider who has not answered."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A referral of a case that names this person waits for its answer. "
                "Wait for the answer, or have the referral withdrawn first."
            ),
            code="still_waiting",
        )


# What `app.erase_subject` refuses, by the name that it gives.
REFUSALS: dict[str, type[Held | HeldElsewhere | StillWaiting]] = {
    "erasure_of_nobody_held": Held,
    "erasure_of_nothing_held": HeldElsewhere,
    "erasure_of_nothing_sent": StillWaiting,
}


@transaction.atomic
def set_legal_hold(case: Case, *, by: User, reason: str) -> LegalHold:
    """Nobody erases the person until it is lifted. Raises PermissionDenied, HeldAlready, ValidationError."""
    require(by, "cases.legal_hold", case)
    current = records.locked(case)
    if LegalHold.objects.running().filter(case=case).exists():
        raise HeldAlready
    hold = LegalHold(case=case, subject_key_id=case.subject_key_id, reason=reason)
    workflow.note_step(current, "legal_hold", source=current.status, by=by)
    return records.create(hold, by=by)[0]


@transaction.atomic
def lift_legal_hold(hold: LegalHold, *, by: User, reason: str) -> LegalHold:
    """Raises PermissionDenied, HoldLifted, ValidationError."""
    require(by, "cases.legal_hold", hold.case)
    if not reason:
        raise ValidationError({"lift_reason": _("Choose a reason.")})
    locked = records.locked(hold)
    if locked.lifted_at is not None:
        raise HoldLifted
    workflow.note_step(hold.case, "lift_legal_hold", source=hold.case.status, by=by)
    return records.change(locked, by=by, lifted_at=timezone.now(), lifted_by=by, lift_reason=reason)


@transaction.atomic
def ask_erasure(case: Case, *, by: User, reason: str) -> Erasure:
    """Ask a supervisor to erase the person of this case. Raises PermissionDenied, Held, AskedAlready,
    ValidationError.
    """
    require(by, "cases.ask_erasure", case)
    current = records.locked(case)
    _require_no_hold(current)
    if Erasure.objects.current().waiting().filter(case=case).exists():
        raise AskedAlready
    asked = Erasure(
        case=case, subject_key_id=case.subject_key_id, reason=reason, asked_at=timezone.now(), asked_by=by
    )
    stored, _new = records.create(asked, by=by)
    workflow.note_step(current, "ask_erasure", source=current.status, by=by)
    return stored


@transaction.atomic
def refuse_erasure(erasure: Erasure, *, by: User) -> Erasure:
    """The person stays. Raises PermissionDenied, IllegalTransition."""
    refused = workflow.advance(erasure, "refuse", by=by)
    workflow.note_step(refused.case, "refuse_erasure", source=refused.case.status, by=by)
    return refused


@transaction.atomic
def approve_erasure(erasure: Erasure, *, by: User, parties: Iterable[UUID] = ()) -> Erasure:
    """Erase the person, in one transaction; nobody can take it back. `parties` are the records of others'
    cases that name them.

    Raises PermissionDenied, IllegalTransition, ErasedBySamePerson, Held, HeldElsewhere, OtherTeamHolds,
    StillWaiting.
    """
    case = records.locked(erasure.case)
    require(by, "cases.approve_erasure", case)
    if erasure.asked_by_id == by.pk:
        raise ErasedBySamePerson
    _require_no_hold(case)
    _require_all_cases(case, by)
    approved = workflow.advance(erasure, "approve", by=by, parties=sorted(parties))
    with acting.as_job("erasure"):
        _lock_cases_of(approved.parties)
        _require_none_kept(approved.parties)
        overwrite(approved.parties, by=by)
    close(case, by=by, asked_by=approved.asked_by, reason=approved.reason)
    _destroy(approved)
    transaction.on_commit(erasure_ledger.keep)
    return approved


def close(case: Case, *, by: User, asked_by: User, reason: str) -> None:
    """All that runs of the person's cases ends, while they can still be read. For approving, and for the
    replay.
    """
    for one in Case.objects.filter(person=case.person_id).select_for_update(of=("self",)).order_by("pk"):
        person_erasing.send(sender=Case, case=one, by=by)
        for consent in Consent.objects.current().filter(case=one, withdrawn_at=None):
            end_consent(consent, by=by)
        for question in RecordRequest.objects.current().waiting().filter(case=one):
            _decline(question, by)
        for asked in Erasure.objects.current().waiting().filter(case=one):
            records.retire(asked, by=by)
        for running in Assignment.objects.filter(case=one, ended_at=None).select_related("case", "user"):
            end_work(running, by=by)
        workflow.advance(one, "erase", by=by, reason=reason, **_closed(one, by, asked_by))


def _decline(question: RecordRequest, by: User) -> None:
    """Who asked gets an answer, and nobody is left to get in touch about."""
    declined = RecordRequest.Status.DECLINED
    records.change(question, by=by, status=declined, answered_at=timezone.now(), answered_by=by)


def overwrite(parties: Iterable[UUID], *, by: User | None) -> None:
    """The records of others' cases that name the person; their history is overwritten by the database."""
    parties = list(parties)
    named_erasing.send(sender=Party, parties=parties, by=by)
    readable = Party.objects.filter(pk__in=parties, subject_key__wrapped__isnull=False)
    for party in readable.select_related("case__organization"):
        if party.retired_at is None:
            records.change(party, by=by, name="", birth=None, details="")


def _closed(case: Case, by: User, asked_by: User) -> dict[str, object]:
    """A case that was not closed is closed by the two who erase."""
    if case.status == Case.Status.CLOSED:
        return {}
    now = timezone.now()
    return {
        "closure_asked_at": now,
        "closure_asked_by": asked_by,
        "closure_reason": "person_erased",
        "closed_at": now,
        "closed_by": by,
    }


def _destroy(erasure: Erasure) -> None:
    """By the one function that may; it asks again who decided, and writes the ledger."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT app.erase_subject(%s)", [erasure.pk])
    except IntegrityError as error:
        refusal = REFUSALS.get(records.constraint_name(error) or "")
        if refusal is None:
            raise
        raise refusal from error


def _lock_cases_of(parties: Iterable[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.lock_cases_of(%s::uuid[])", [list(parties)])


def _require_none_kept(parties: Iterable[UUID]) -> None:
    if kept_by_hold(parties):
        raise HeldElsewhere


def _require_no_hold(case: Case) -> None:
    """On any case of the person."""
    if LegalHold.objects.running().filter(subject_key_id=case.subject_key_id).exists():
        raise Held


def _require_all_cases(case: Case, by: User) -> None:
    seen = set(Case.objects.visible_to(by).filter(person=case.person_id).values_list("pk", flat=True))
    places = access.workplaces(by, "cases.work")
    hidden = [one for one in cases_held([case.person_id], places) if one.pk not in seen]
    if hidden:
        raise OtherTeamHolds(sorted({one.team.name for one in hidden}))
