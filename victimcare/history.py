"""History rows that hold the same ciphertext as the record (design section 4)."""

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from victimcare import acting
from victimcare.planned import insertion


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
        """Byte for byte: `+` created, `~` changed."""
        target = history_model(type(instance))
        row = instance.__dict__
        user = getattr(instance, "written_by", None) or acting.user()
        values = {
            one.column: one.get_db_prep_save(row[one.attname], connection)
            for one in target.tracked_fields  # type: ignore[attr-defined]  # simple-history's own
        } | {
            "history_id": uuid.uuid4(),
            "history_date": timezone.now(),
            "history_type": history_type,
            "history_user_id": user.pk if user else None,
        }
        insertion(target._meta.db_table, tuple(values)).run(values)


@cache
def history_model(model: type[models.Model]) -> type[models.Model]:
    """The model of a model's history rows. Asking simple-history builds a class of managers each time."""
    found: type[models.Model] = model.history.model  # type: ignore[attr-defined]  # only for models with history
    return found


def copy_new(model: type[models.Model], ids: Sequence[uuid.UUID]) -> None:
    """History rows of new records, copied by the database from the records themselves, in one statement."""
    target = history_model(model)
    user = acting.user()
    fields = target.tracked_fields  # type: ignore[attr-defined]  # simple-history's own
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table, past = (connection.ops.quote_name(one._meta.db_table) for one in (model, target))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {past} ({columns}, history_id, history_date, history_type, history_user_id)"  # noqa: S608  # nosec B608  # our own names, quoted
            f" SELECT {columns}, gen_random_uuid(), %s, '+', %s FROM {table} WHERE id = ANY(%s)",
            [timezone.now(), user.pk if user else None, list(ids)],
        )


def _acting_user(instance: Any = None, **kwargs: Any) -> Any:
    return acting.user()
