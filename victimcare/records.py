"""Writing a record: made once, changed under its lock, with history and a line in the log."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from victimcare import audit, history
from victimcare.encryption import keyring, sealed
from victimcare.models import Record, User
from victimcare.models.base import EncryptedRecord
from victimcare.models.logs import Action

R = TypeVar("R", bound=Record)


class Stale(ValidationError):
    """Somebody else changed the record after this page was opened.

    `stored` is the record as it is now; `seen` is as the user saw it, None where it keeps no history.
    """

    def __init__(self, stored: Record, seen: Any) -> None:
        super().__init__(
            _(
                "Somebody changed this while you were writing. "
                "Your text is still here: compare and save again."
            ),
            code="stale",
        )
        self.stored = stored
        self.seen = seen


class SavedBefore(ValidationError):
    """The form was sent before, with other words: storing these would need a second record."""

    def __init__(self) -> None:
        super().__init__(
            _("The first sending was saved. What you changed since was not: change it in what is saved."),
            code="saved_before",
        )


class TakenAway(ValidationError):
    """Somebody took the record away meanwhile: a change of it would be seen by nobody."""

    def __init__(self) -> None:
        super().__init__(_("This was taken away already."), code="taken_away")


def create(record: R, *, by: User | None) -> tuple[R, bool]:
    """Store a new record. Sent twice (a double click), it is stored once: returns it and whether it is new.
    Of two requests at once the second waits for the first, and gets what that stored.

    Raises SavedBefore where it was stored with other words, ValidationError where a field is wrong or the id
    belongs to somebody else's record, PermissionDenied where that one is closed to whoever acts.
    """
    try:
        add([record], by=by)
    except (DatabaseError, ValidationError, PermissionDenied):
        # Not asked beforehand: nearly every form is sent once.
        existing = _stored(record)
        if existing is None:
            raise
        require_sent_again(existing, record, by=by)
        return existing, False
    return record, True


@transaction.atomic
def add(new: Sequence[Record], *, by: User | None) -> None:
    """Store new records in this order, and tell the log of all of them in one statement.

    Raises ValidationError where a field is wrong, PermissionDenied where an id is taken.
    """
    for record in new:
        record.created_by = record.written_by = by
        store(record, force_insert=True)
    audit.record_many(Action.CREATE, new, by=by)


def require_sent_again(existing: Record, sent: Record, *, by: User | None) -> None:
    """The same user sends what is stored once more. Raises SavedBefore, ValidationError."""
    if existing.created_by_id != (by.pk if by else None):
        raise ValidationError(_("This form was already used. Open the page again."))
    require_same(existing, sent)


def require_same(existing: Record, sent: Record) -> None:
    """Raises SavedBefore unless `existing` was first stored with what was sent now."""
    if not was_stored_as(existing, sent):
        raise SavedBefore


def was_stored_as(existing: Record, sent: Record) -> bool:
    """The first version holds what `sent` does in every field that somebody fills in or that it hangs on."""
    first = _past(existing, history_type="+") or existing
    filled = (field for field in sent._meta.concrete_fields if field.editable and not field.primary_key)
    return all(
        field.to_python(getattr(first, field.attname)) == field.to_python(getattr(sent, field.attname))
        for field in filled
    )


def _past(record: Record, **lookup: Any) -> Any:
    """The newest version in the record's history that fits; None where it keeps none."""
    if not hasattr(record, "history"):
        return None
    versions = history.history_model(type(record))._base_manager.filter(id=record.pk, **lookup)
    return versions.order_by("-history_date").first()


def _stored(record: R) -> R | None:
    return type(record)._base_manager.filter(pk=record.pk).first()


@transaction.atomic
def change(record: R, *, by: User | None, revision: int | None = None, **values: Any) -> R:
    """Set fields of a record under its lock; `revision` is the one the user saw.

    Sent twice (a double click), it is changed once. Raises Stale, TakenAway, ValidationError.
    """
    current = locked(record)
    late = revision is not None and current.revision != revision
    if late and all(getattr(current, name) == value for name, value in values.items()):
        return current
    if current.retired_at is not None:
        raise TakenAway
    if late:
        raise Stale(current, _past(current, revision=revision))
    for name, value in values.items():
        setattr(current, name, value)
    current.revision += 1
    current.written_by = by
    store(current)
    audit.record(Action.CHANGE, current, by=by)
    return current


def locked(record: R) -> R:
    """The record as it is now, locked until the transaction ends.

    Raises PermissionDenied where whoever acts does not see it any more: it was closed to them after the page.
    """
    found = type(record)._base_manager.select_for_update(of=("self",)).filter(pk=record.pk).first()
    if found is None:
        raise PermissionDenied
    _require_whole(found)
    return found


def _require_whole(record: Record) -> None:
    """A change would put a new MAC over what was tampered with. What was erased, nobody can check."""
    if isinstance(record, EncryptedRecord):
        with suppress(keyring.SubjectErased):
            sealed.check(record)


def store(record: Record, *, force_insert: bool = False) -> None:
    """Check the values and write the row.

    References and constraints are the database's to check: it cannot be raced, and asking it beforehand
    doubled the cost of a write. What it refuses becomes a ValidationError in words. What is sealed did not
    change: it is not opened for this, and of an erased person it cannot be.
    """
    record.clean_fields(
        exclude={field.name for field in record._meta.concrete_fields if _is_kept(record, field)}
    )
    record.clean()
    try:
        record.save(force_insert=force_insert)
    except IntegrityError as error:
        refused = _refused(record, error)
        if refused is None:
            raise
        raise refused from error


def _is_kept(record: Record, field: models.Field[Any, Any]) -> bool:
    """A reference, or an encrypted value as it was stored."""
    return field.is_relation or isinstance(record.__dict__.get(field.attname), sealed.Sealed)


def _refused(record: Record, error: IntegrityError) -> ValidationError | PermissionDenied | None:
    """The words of the model's constraint that the database named; None if the name is not the model's. An id
    that is taken has none: whose record it is, is nobody's business.
    """
    name = constraint_name(error)
    if name == f"{record._meta.db_table}_pkey":
        return PermissionDenied()
    for constraint in record._meta.constraints:
        if constraint.name != name:
            continue
        has_words = constraint.violation_error_message != constraint.default_violation_error_message
        if isinstance(constraint, models.UniqueConstraint) and not has_words:
            return record.unique_error_message(type(record), tuple(constraint.fields))
        return ValidationError(constraint.get_violation_error_message(), code=constraint.violation_error_code)
    return None


def constraint_name(error: IntegrityError) -> str | None:
    name: str | None = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return name


def retire(record: R, *, by: User) -> R:
    """Nothing is deleted: a retired record is not shown, and stays in history."""
    return change(record, by=by, retired_at=timezone.now(), retired_by=by)


@transaction.atomic
def create_many(rows: Sequence[Record], *, by: User | None) -> None:
    """Store new rows of one model with their history, unchecked: the importer has checked each value."""
    if not rows:
        return
    model = type(rows[0])
    for row in rows:
        row.created_by = by
    plain: models.QuerySet[Any] = models.QuerySet(model)
    plain.bulk_create(rows)
    if hasattr(model, "history"):
        history.copy_new(model, [row.pk for row in rows])
