"""What the lower apps tell this one."""

from typing import Any

from cases import actions
from victimcare.models import Membership, User


def membership_ended(sender: Any, membership: Membership, by: User, **kwargs: Any) -> None:
    actions.close_to_who_left(membership, by=by)
