"""The access log: who read, wrote, printed or was refused what.

Only ever added to (a trigger refuses the rest).
"""

from collections.abc import Iterable

from django.db import models

from victimcare import access
from victimcare.encryption.fields import EncryptedField
from victimcare.kinds import ADMINISTRATIVE
from victimcare.models import AccessEntry, User
from victimcare.models.logs import Action


def record(
    action: Action,
    about: models.Model | type[models.Model],
    *,
    by: User | None,
    kinds: Iterable[str] | None = None,
    rows: int = 1,
) -> AccessEntry:
    """Log an access to one record, or, for a model class, to a list or a search of `rows` records.

    `kinds` are the kinds of data that were shown; by default those that the record holds.
    """
    entry = _entry(action, about, by, kinds_of(about) if kinds is None else kinds, rows)
    entry.save(force_insert=True)
    return entry


def refused(model: type[models.Model] | None, *, by: User | None) -> None:
    """Log that a page was refused: of which model, if that is known, and nothing of what was asked for."""
    place = access.workplace(by) if by else None
    AccessEntry.objects.create(
        action=Action.REFUSED,
        by=by,
        object_label=model._meta.label if model else "",
        organization=place,
        member_state_id=place.member_state_id if place else None,
        rows=0,
    )


def record_many(
    action: Action, about: Iterable[models.Model], *, by: User | None, kinds: Iterable[str]
) -> None:
    """Log an access to each of many records, in one statement."""
    shown = sorted(kinds)
    AccessEntry.objects.bulk_create([_entry(action, one, by, shown, 1) for one in about])


def _entry(
    action: Action, about: models.Model | type[models.Model], by: User | None, kinds: Iterable[str], rows: int
) -> AccessEntry:
    one = isinstance(about, models.Model)
    # A list is of no organisation: it is looked up from the place where the user works.
    organization = getattr(about, "organization", None) if one else None
    if organization is None and by is not None:
        organization = access.workplace(by)
    return AccessEntry(
        action=action,
        by=by,
        object_label=about._meta.label,
        object_id=about.pk if one else None,
        organization=organization,
        member_state_id=organization.member_state_id if organization else None,
        kinds=sorted(kinds),
        rows=rows,
    )


def kinds_of(about: models.Model | type[models.Model]) -> set[str]:
    """The kinds of data that a record names itself (`kinds_held`), else those of all its fields."""
    if isinstance(about, models.Model) and hasattr(about, "kinds_held"):
        return {str(kind) for kind in about.kinds_held}
    encrypted = {field.kind for field in about._meta.get_fields() if isinstance(field, EncryptedField)}
    clear = set(getattr(about, "clear_fields", {}).values()) - {ADMINISTRATIVE}
    return {str(kind) for kind in encrypted | clear}
