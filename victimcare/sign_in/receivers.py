"""What follows for an account when somebody ends their work."""

from typing import Any

from victimcare.models import Membership, User
from victimcare.sign_in import actions


def membership_ended(membership: Membership, by: User, **kwargs: Any) -> None:
    """Who works there in no role any more comes in by no link of that organisation."""
    still = Membership.objects.active().filter(user=membership.user, organization=membership.organization)
    if not still.exists():
        actions.withdraw_invitations(membership.user, membership.organization, by=by)
