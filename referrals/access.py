"""Who does what with referrals.

Who works on a case refers it. The receiving organisation's provider staff read what was sent to them, as long
as the consent holds, and answer it; the sender's people see the answer, never the receiver's case. Everybody
who refers or answers reads the directory of services, and the coordinator does; provider staff keep their own
organisation's part. The coordinator watches over what is not kept.
"""

from victimcare.models import Role

DIRECTORY = "referrals.read_directory"
WATCH = "referrals.watch_directory"

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.CASEWORKER: frozenset({"referrals.send", DIRECTORY}),
    Role.SUPERVISOR: frozenset({"referrals.send", DIRECTORY}),
    Role.PROVIDER: frozenset({"referrals.answer", "referrals.keep_services", DIRECTORY}),
    Role.COORDINATOR: frozenset({DIRECTORY, WATCH}),
}
