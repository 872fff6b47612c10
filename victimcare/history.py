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
        """Byte for byte: `+` created, `~` changed."""
        target = history_model(type(instance))
        row = instance.__dict__
        held = [
            one.get_db_prep_save(row[one.attname], connection)
            for one in target.tracked_fields  # type: ignore[attr-defined]  # simple-history's own
        ]
        user = getattr(instance, "written_by", None) or acting.user()
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_into(target)} VALUES ({'%s, ' * len(held)} %s, %s, %s, %s)",
                [*held, uuid.uuid4(), timezone.now(), history_type, user.pk if user else None],
            )


@cache
def history_model(model: type[models.Model]) -> type[models.Model]:
    """The model of a model's history rows. Asking simple-history builds a class of managers each time."""
    found: type[models.Model] = model.history.model  # type: ignore[attr-defined]  # only for models with history
    return found


def copy_new(model: type[models.Model], ids: Sequence[uuid.UUID]) -> None:
    """History rows of new records, copied by the database from the records themselves, in one statement."""
    target = history_model(model)
    user = acting.user()
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_into(target)} SELECT {_columns(target)}, gen_random_uuid(), %s, '+', %s"  # noqa: S608  # nosec B608  # our own names, quoted
            f" FROM {connection.ops.quote_name(model._meta.db_table)} WHERE id = ANY(%s)",
            [timezone.now(), user.pk if user else None, list(ids)],
        )


@cache
def _into(target: type[models.Model]) -> str:
    """Written once a process: with each change of a record its history is written, too."""
    table = connection.ops.quote_name(target._meta.db_table)
    return (
        f"INSERT INTO {table} ({_columns(target)}, history_id, history_date, history_type, history_user_id)"
    )


@cache
def _columns(target: type[models.Model]) -> str:
    """Those that a history row has from its record."""
    fields = target.tracked_fields  # type: ignore[attr-defined]  # simple-history's own
    return ", ".join(connection.ops.quote_name(field.column) for field in fields)


def _acting_user(instance: Any = None, **kwargs: Any) -> Any:
    return acting.user()
