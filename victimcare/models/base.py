"""What every record has, and what nobody may do to one."""

import uuid
from typing import Any, ClassVar, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from victimcare.encryption.sealed import RowMac, encrypted_fields
from victimcare.history import History


class AnyOf(models.Func):
    """True if a column is one of the ids of an `ArraySubquery`, which runs once and leads to the rows by
    index. `__in` beside an OR asks a hashed sub-plan for each row of the table; under many joins it is last.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


class RecordQuerySet(models.QuerySet):
    """Reading is free; writing in bulk is not: it would pass history and encryption by (style, rule 7)."""

    def visible_to(self, user: Any) -> Self:
        """The rows that `user` may know of. Each model says which; this one says none."""
        return self.none()

    def current(self) -> Self:
        return self.filter(retired_at=None)

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("update() writes no history: use an action.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("bulk_update() writes no history: use an action.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("bulk_create() writes no history: use victimcare.records.create_many().")

    def delete(self) -> NoReturn:
        raise TypeError("Nothing is deleted: retire it.")


class Guarded(models.Model):
    """Makes Django's own manager of a record refuse what `objects` refuses.

    It stands apart from Record because migrations note this option where a model inherits it with its Meta.
    """

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class Record(Guarded):
    """A row that people make and change.

    Its id is random and known before it is stored, so that ciphertext can be bound to it, and a form that is
    sent twice makes one record.

    `clear_fields` classifies each own field that is not encrypted: name -> kind of data.
    """

    clear_fields: ClassVar[dict[str, str]] = {}

    # Who writes it now, for its history: also where a job of the installation acts for somebody.
    written_by: Any = None

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Nothing is deleted: retire it.")


class PersonalRecord(Record):
    """A record about a person: its encrypted fields lie under that person's subject key, history included."""

    subject_key = models.ForeignKey("victimcare.SubjectKey", models.PROTECT, editable=False, related_name="+")

    history = History(inherit=True)

    class Meta:
        abstract = True


class EncryptedRecord(models.Model):
    """Beside PersonalRecord, for a record with encrypted fields: a MAC holds them together."""

    mac = RowMac()

    class Meta:
        abstract = True

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Values come from the database when they are next read, in the bytes in which they are stored."""
        for field in encrypted_fields(type(self)):
            self.__dict__.pop(field.attname, None)
        super().refresh_from_db(*args, **kwargs)


class WrittenOnce(models.Model):
    """Rows that stay as they were written: the application's role may add to them, and no more."""

    class Meta:
        abstract = True


class Derived(models.Model):
    """Rows that are computed from records, such as tokens to search by: deleted when they are made anew."""

    class Meta:
        abstract = True
