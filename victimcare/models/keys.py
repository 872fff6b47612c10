"""Wrapped keys. None of these tables has a history: a key that was destroyed must be gone."""

import uuid

from django.db import models

from victimcare.encryption.roots import RootKeyProvider
from victimcare.models.constraints import by_somebody


class StateKey(models.Model):
    """A member state's key, wrapped by the root key: a state can rotate or destroy its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    member_state = models.ForeignKey("victimcare.MemberState", models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    root_key_id = models.CharField(max_length=32)
    # Destroyed when the state's next key has taken its place.
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member_state", "version"], name="one_state_key_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.member_state_id} {self.version}"

    def context(self) -> bytes:
        return f"victimcare:state-key:{self.member_state_id}:{self.pk}:{self.version}".encode()

    def wrap(self, key: bytes, root: RootKeyProvider) -> None:
        self.root_key_id, self.wrapped = root.key_id, root.wrap(key, self.context())


class SubjectKey(models.Model):
    """One person's key in one organisation, wrapped by the state key.

    Destroying it erases the person there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organization = models.ForeignKey("victimcare.Organization", models.PROTECT, related_name="+")
    state_key = models.ForeignKey(StateKey, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField(default=1)
    # The version of the state's key when this version was made: an older one may lie in an old dump with it.
    made_under = models.PositiveSmallIntegerField()
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


def subject_key_context(organization: object, key: object, version: int) -> bytes:
    """What a wrapped subject key is bound to, from ids or from ids as text."""
    return f"victimcare:subject-key:{organization}:{key}:{version}".encode()


class OrganizationKey(models.Model):
    """The subject keys that an organisation uses for itself: one for search and import tokens and its own
    addresses, and one for what search opens by the ten thousand.
    """

    organization = models.OneToOneField(
        "victimcare.Organization", models.PROTECT, primary_key=True, related_name="own_key"
    )
    subject_key = models.OneToOneField(SubjectKey, models.PROTECT, related_name="+")
    # Made anew by a renewal, as a person's is; what lies under the one before is moved below it meanwhile.
    search_key = models.OneToOneField(SubjectKey, models.PROTECT, related_name="+")
    search_key_before = models.OneToOneField(SubjectKey, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.organization_id)
