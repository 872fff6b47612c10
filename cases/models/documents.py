"""Documents and photographs of a case: what is said of each, and its segments."""

import uuid
from typing import Any, ClassVar, NoReturn, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.cases import CaseChild
from victimcare.encryption.fields import EncryptedTextField
from victimcare.encryption.streams import Stream, count_of
from victimcare.files.kinds import BY_MEDIA_TYPE, FileKind
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models.base import EncryptedRecord, WrittenOnce


class Document(CaseChild, EncryptedRecord):
    """A file of the case. What it holds is never changed; its segments lie under a secret of its own,
    which lies here under the person's key (ADR 10).
    """

    clear_fields: ClassVar[dict[str, str]] = {"case": ADMINISTRATIVE, "size": DataKind.DOCUMENTS}

    title = EncryptedTextField(_("title"), kind=DataKind.DOCUMENTS, blank=False)
    details = EncryptedTextField(_("what matters about it"), kind=DataKind.DOCUMENTS, long=True)
    file_name = EncryptedTextField(_("name of the file"), kind=DataKind.DOCUMENTS)
    media_type = EncryptedTextField(_("kind of file"), kind=DataKind.DOCUMENTS)
    # SHA-256 of what is kept, so that a form that is sent again with another file is not taken for the same.
    digest = EncryptedTextField(kind=DataKind.DOCUMENTS)
    secret = EncryptedTextField(kind=DataKind.DOCUMENTS, editable=False)
    # In clear: segments tell it anyhow, and quotas are counted by it.
    size = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="document_is_not_empty"),
        ]

    @property
    def kind(self) -> FileKind | None:
        return BY_MEDIA_TYPE.get(self.media_type)

    @property
    def stream(self) -> Stream:
        return Stream(bytes.fromhex(self.secret), self._meta.label, self.pk)

    @property
    def segment_count(self) -> int:
        return count_of(self.size)


class SegmentQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """With its document; found through it, never by itself."""
        return self.filter(document__in=Document.objects.visible_to(user))

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("A segment stays as it was written.")

    def delete(self) -> NoReturn:
        raise TypeError("A segment stays as it was written.")


class DocumentSegment(WrittenOnce):
    """A piece of a document's file, sealed (victimcare/encryption/streams.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="segments", db_index=False)
    position = models.PositiveIntegerField()
    blob = models.BinaryField()

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "position"], name="one_segment_a_position"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
