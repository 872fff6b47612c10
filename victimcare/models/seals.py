"""What makes a change of the access log visible: seals over its lines, a chain a member state.

None of these tables holds anything about a person: ids, digests and signatures.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from victimcare.models.logs import LogQuerySet


class UnsealedEntry(models.Model):
    """A line of the log that waits for its seal. A trigger of the log writes it, in the same transaction."""

    entry_id = models.UUIDField()
    chain = models.CharField(max_length=2, blank=True)

    def __str__(self) -> str:
        return str(self.entry_id)


class SealingKey(models.Model):
    """An Ed25519 key that signs seals: the public half in clear, the private one wrapped by the root key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    public = models.BinaryField(max_length=32)
    wrapped = models.BinaryField()
    root_key_id = models.CharField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.pk)

    def context(self) -> bytes:
        return f"victimcare:sealing-key:{self.pk}".encode()


class Seal(models.Model):
    """A batch of lines of one chain, in order, bound to the seal before it, and signed.

    `chain` is a member state, or empty for lines of none. `digests` holds 32 bytes a line. How they are
    made says victimcare/sealing/verify.py.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    chain = models.CharField(max_length=2, blank=True)
    number = models.PositiveIntegerField()
    version = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField()
    entries = ArrayField(models.UUIDField())
    digests = models.BinaryField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField()

    objects = LogQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="one_seal_a_number")]

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"
