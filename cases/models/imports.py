"""Rows that came in from a file: each is one record, and is imported once."""

from typing import Any, ClassVar, Self

from django.db import models

from cases.models.cases import Case
from victimcare.encryption.fields import EncryptedJSONField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models import Organization
from victimcare.models.base import EncryptedRecord, PersonalRecord, RecordQuerySet


class ImportedRowQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(case__in=Case.objects.visible_to(user))


class ImportedRow(PersonalRecord, EncryptedRecord):
    """A row that was imported, so that it is imported once.

    `token` is an HMAC, under the organisation's key, over the source values and which of equal rows it is.
    `source` keeps the values as they were given: an error in a mapping can be mended without asking again.
    """

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("organization", "token", "case", "mapping"), ADMINISTRATIVE
    )

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    token = models.BinaryField()
    case = models.OneToOneField(Case, models.PROTECT, related_name="imported_row")
    mapping = models.CharField(max_length=60)
    source = EncryptedJSONField(kind=DataKind.INCIDENT)

    objects = ImportedRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "token"], name="a_row_is_imported_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)
