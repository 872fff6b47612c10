from victimcare.models.base import Record
from victimcare.models.erasures import ErasureEntry
from victimcare.models.keys import OrganizationKey, StateKey, SubjectKey
from victimcare.models.logs import AccessEntry, Step
from victimcare.models.notifications import How, Notification, NotificationChoice
from victimcare.models.organizations import Location, MemberState, Organization, Team, Tier
from victimcare.models.registers import StateRegister
from victimcare.models.seals import Seal, SealingKey, UnsealedEntry
from victimcare.models.users import Membership, Role, User

__all__ = [
    "AccessEntry",
    "ErasureEntry",
    "How",
    "Location",
    "MemberState",
    "Membership",
    "Notification",
    "NotificationChoice",
    "Organization",
    "OrganizationKey",
    "Record",
    "Role",
    "Seal",
    "SealingKey",
    "StateKey",
    "StateRegister",
    "Step",
    "SubjectKey",
    "Team",
    "Tier",
    "UnsealedEntry",
    "User",
]
