"""The access log: who read, wrote, printed or was refused what.

Only ever added to (a trigger refuses the rest).
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.utils import timezone

from victimcare import access
from victimcare.encryption.fields import EncryptedField
from victimcare.kinds import ADMINISTRATIVE
from victimcare.models import User
from victimcare.models.logs import Action
from victimcare.planned import Statement

# However many lines in one statement, from a list for each column: writing fifty takes Django longer than
# reading what they tell of.
COLUMNS = ("label", "record", "kinds", "place", "state", "subject")
LINES = Statement(
    """
INSERT INTO victimcare_accessentry
       (id, at, action, by_id, rows, object_label, object_id, kinds, organization_id, member_state_id,
        subject_key_id)
SELECT gen_random_uuid(), %s, %s, %s, %s, label, record, string_to_array(kinds, ' '), place, state, subject
  FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::uuid[])
       AS line (label, record, kinds, place, state, subject)
""",
    [(name, None) for name in ("at", "action", "by", "rows", *COLUMNS)],
)
Line = tuple[str, UUID | None, str, UUID | None, str | None, UUID | None]


def record(
    action: Action,
    about: models.Model | type[models.Model],
    *,
    by: User | None,
    kinds: Iterable[str] | None = None,
    rows: int = 1,
    of: models.Model | None = None,
) -> None:
    """Log an access to one record, or, for a model class, to a list or a search of `rows` records.

    `kinds` are the kinds of data that were shown; by default those that the record holds. `of` is the record
    whose person and organisation it concerns, where `about` does not say: a look at the log of a case.
    """
    one = about if isinstance(about, models.Model) else None
    shown = kinds_of(about) if kinds is None else kinds
    line = (about._meta.label, one.pk if one else None, _words(shown), *_where(of or one, by))
    _write(action, [line], by=by, rows=rows)


def refused(model: type[models.Model] | None, *, by: User | None) -> None:
    """Log that a page was refused: of which model, if that is known, and nothing of what was asked for."""
    _write(Action.REFUSED, [(model._meta.label if model else "", None, "", *_where(None, by))], by=by, rows=0)


def record_many(
    action: Action, about: Iterable[models.Model], *, by: User | None, kinds: Iterable[str] | None = None
) -> None:
    """Log an access to each of many records, in one statement; by default with the kinds that each one
    holds.
    """
    shown = None if kinds is None else _words(kinds)
    lines = [
        (one._meta.label, one.pk, _words(kinds_of(one)) if shown is None else shown, *_where(one, by))
        for one in about
    ]
    if lines:
        _write(action, lines, by=by)


def _write(action: Action, lines: Iterable[Line], *, by: User | None, rows: int = 1) -> None:
    columns = dict(zip(COLUMNS, map(list, zip(*lines, strict=True)), strict=True))
    LINES.run({"at": timezone.now(), "action": action, "by": by.pk if by else None, "rows": rows} | columns)


def _words(kinds: Iterable[str]) -> str:
    return " ".join(sorted(kinds))


def _where(record: models.Model | None, by: User | None) -> tuple[UUID | None, str | None, UUID | None]:
    """Organisation and member state where it lies, and whose data it was. A list is of no organisation: it is
    looked up from the place where the user works.
    """
    organization = getattr(record, "organization", None)
    if organization is None and by is not None:
        organization = access.workplace(by)
    subject = getattr(record, "subject_key_id", None)
    return (organization.pk, organization.member_state_id, subject) if organization else (None, None, subject)


def kinds_of(about: models.Model | type[models.Model]) -> set[str]:
    """The kinds of data that a record names itself (`kinds_held`), else those of its fields, encrypted or
    not.
    """
    if isinstance(about, models.Model) and hasattr(about, "kinds_held"):
        return set(about.kinds_held)
    encrypted = {str(field.kind) for field in about._meta.get_fields() if isinstance(field, EncryptedField)}
    clear = {str(kind) for kind in getattr(about, "clear_fields", {}).values()}
    return (encrypted | clear) - {ADMINISTRATIVE}
