"""History rows that hold the same ciphertext as the record (design section 4)."""

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from victimcare import acting


class History(HistoricalRecords):
    """simple-history copies with getattr, which would decrypt each value and seal it anew: this copies bytes.

    Rows have a UUID `history_id`: a sequence would tell how much work a place does.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("history_id_field", models.UUIDField(default=uuid.uuid4))
        super().__init__(get_user=_acting_user, **kwargs)

    def create_historical_record(
        self, instance: models.Model, history_type: str, using: str | None = None
    ) -> None:
        row(instance, history_type).save(using=using, force_insert=True)


def row(instance: models.Model, history_type: str) -> models.Model:
    """An unsaved history row of `instance`, byte for byte: `+` created, `~` changed."""
    model = history_model(type(instance))
    copy: models.Model = model(
        history_date=timezone.now(),
        history_type=history_type,
        history_user=getattr(instance, "written_by", None) or acting.user(),
    )
    for field in model.tracked_fields:  # type: ignore[attr-defined]  # simple-history's own
        copy.__dict__[field.attname] = instance.__dict__[field.attname]
    return copy


@cache
def history_model(model: type[models.Model]) -> type[models.Model]:
    """The model of a model's history rows. Asking simple-history builds a class of managers each time."""
    found: type[models.Model] = model.history.model  # type: ignore[attr-defined]  # only for models with history
    return found


def copy_new(model: type[models.Model], ids: Sequence[uuid.UUID]) -> None:
    """History rows of new records, copied by the database from the records themselves, in one statement."""
    target = history_model(model)
    name = connection.ops.quote_name
    columns = ", ".join(name(field.column) for field in target.tracked_fields)  # type: ignore[attr-defined]  # simple-history's own
    user = acting.user()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {name(target._meta.db_table)}"  # noqa: S608  # nosec B608  # our own names, quoted
            f" ({columns}, history_id, history_date, history_type, history_user_id)"
            f" SELECT {columns}, gen_random_uuid(), %s, '+', %s"
            f" FROM {name(model._meta.db_table)} WHERE id = ANY(%s)",
            [timezone.now(), user.pk if user else None, list(ids)],
        )


def _acting_user(instance: Any = None, **kwargs: Any) -> Any:
    return acting.user()
