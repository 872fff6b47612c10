from typing import ClassVar, Self

from django.db import models

from victimcare.kinds import ADMINISTRATIVE
from victimcare.models.base import Record
from victimcare.models.constraints import by_somebody
from victimcare.models.organizations import MemberState, OpenQuerySet, Organization


class RegisterQuerySet(OpenQuerySet):
    def running(self) -> Self:
        return self.filter(retired_at=None)


class StateRegister(Record):
    """A member state whose law has one register of persons: search before create reaches across its
    organisations, and says no more than that a record may exist. Without a row, as at first, there is none.

    `organization` is the authority under whose key the tokens of all of them lie.
    """

    clear_fields: ClassVar[dict[str, str]] = {"member_state": ADMINISTRATIVE, "organization": ADMINISTRATIVE}

    member_state = models.ForeignKey(MemberState, models.PROTECT, related_name="registers")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")

    objects = RegisterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member_state"], condition=models.Q(retired_at=None), name="one_register_a_state"
            ),
            by_somebody("retired", name="state_register_retired_by_somebody"),
        ]

    def __str__(self) -> str:
        return self.member_state_id
