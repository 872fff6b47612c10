"""Who does what with referrals, and which kinds of data they are shown.

Who works on a case refers it. The receiving organisation's provider staff read what was sent to them, as long
as the consent holds, and answer it; the sender's people see the answer, never the receiver's case. Everybody
who refers or answers reads the directory of services, and the coordinator does; provider staff keep their own
organisation's part. The coordinator watches over what is not kept.

What leaves the organisation is covered by the consent and shown to who sends it: counselling notes travel
only where who sends them counsels in the case. The sender's people read in the packet what they may read in
the case.
"""

from typing import Any

from cases import access as cases_access
from victimcare.access import Shown
from victimcare.kinds import DataKind
from victimcare.models import Role, User

ANSWER = "referrals.answer"
DIRECTORY = "referrals.read_directory"
WATCH = "referrals.watch_directory"

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.CASEWORKER: frozenset({"referrals.send", DIRECTORY}),
    Role.SUPERVISOR: frozenset({"referrals.send", DIRECTORY}),
    Role.PROVIDER: frozenset({ANSWER, "referrals.keep_services", DIRECTORY}),
    Role.COORDINATOR: frozenset({DIRECTORY, WATCH}),
}

# The sender's people are shown of a packet what they are shown of its case.
KINDS: dict[str, Shown] = {
    Role.PROVIDER: Shown(
        "what was sent to their organisation, of the kinds that the consent covers, while it holds",
        frozenset(DataKind),
    ),
}


def kinds_shown(user: User, packet: Any) -> frozenset[str]:
    """The kinds of a packet that the user is shown: to its receiver all, to its sender's people those that
    they may read in the case.
    """
    held = frozenset(packet.kinds)
    if packet.referral.permits(user, "receive"):
        return held
    return held & cases_access.kinds_shown(user, packet.referral.case)
