"""The ledger of erasures: which key was destroyed where, when, why, by whom. It names nobody who was
erased.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from victimcare.models.logs import LogQuerySet


class ErasureEntry(models.Model):
    """One line of the ledger, only ever added, by the database itself (`app.erase_subject`).

    No foreign keys: the ledger outlives the database, and is replayed over an older one that may know less.
    `subject_key_ids`: the person's key, then those of packets that the organisation had received about them.
    `party_ids`: records of others' cases that named the person, and were overwritten.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    organization_id = models.UUIDField()
    subject_key_ids = ArrayField(models.UUIDField())
    party_ids = ArrayField(models.UUIDField(), default=list)
    reason = models.CharField(max_length=40)
    asked_by_id = models.UUIDField()
    approved_by_id = models.UUIDField()

    objects = LogQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(asked_by_id=F("approved_by_id")), name="erasure_entry_of_two_people"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
