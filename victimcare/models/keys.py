"""Wrapped keys. None of these tables has a history: a key that was destroyed must be gone."""

import uuid

from django.db import models

from victimcare.models.constraints import by_somebody


class StateKey(models.Model):
    """A member state's key, wrapped by the root key: a state can rotate or destroy its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    member_state = models.ForeignKey("victimcare.MemberState", models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    root_key_id = models.CharField(max_length=32)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member_state", "version"], name="one_state_key_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.member_state_id} {self.version}"

    def context(self) -> bytes:
        return f"victimcare:state-key:{self.member_state_id}:{self.pk}:{self.version}".encode()


class SubjectKey(models.Model):
    """One person's key in one organisation, wrapped by the state key.

    Destroying it erases the person there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organization = models.ForeignKey("victimcare.Organization", models.PROTECT, related_name="+")
    state_key = models.ForeignKey(StateKey, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField(default=1)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)
    destroyed_by = models.ForeignKey("victimcare.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wrapped__isnull=False, destroyed_at=None)
                | models.Q(wrapped=None, destroyed_at__isnull=False),
                name="a_destroyed_key_is_gone",
            ),
            by_somebody("destroyed", name="subject_key_destroyed_by_somebody"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def context(self) -> bytes:
        return subject_key_context(self.organization_id, self.pk, self.version)


def subject_key_context(organization: uuid.UUID | str, key: uuid.UUID | str, version: int) -> bytes:
    """What a wrapped subject key is bound to."""
    return f"victimcare:subject-key:{organization}:{key}:{version}".encode()


class OrganizationKey(models.Model):
    """The subject key that an organisation uses for itself: search and import tokens, its own addresses."""

    organization = models.OneToOneField(
        "victimcare.Organization", models.PROTECT, primary_key=True, related_name="own_key"
    )
    subject_key = models.OneToOneField(SubjectKey, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.organization_id)
