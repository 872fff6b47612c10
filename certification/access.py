"""Who does what with certificates, and which kinds of data they are shown.

An officer of a certifying body reviews and decides; who decides is never who reviewed, nor the applicant,
nor a member of the institution that applies. Nor does an officer suspend, reinstate or revoke what they, or
an institution where they work, hold. An examiner marks and visits, and decides nothing. A
practitioner sees and sends their own file; a provider's staff apply for their institution. A coordinator
keeps the schemes of the bodies of their member state, and reads no application. The register, without names
of persons, is open to everybody who is signed in; an analyst, an auditor and an administrator find it in
their menu too.

Nothing here is about a person who is served: the kinds are those of practitioners and institutions.
"""

from victimcare import access
from victimcare.access import Shown
from victimcare.kinds import DataKind
from victimcare.models import Organization, Role, User

_BODY = frozenset({"certification.read_applications", "certification.review"})
_ROOMS = frozenset({"certification.read_register", "certification.read_schemes"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OFFICER: _BODY | _ROOMS | {"certification.decide", "certification.suspend"},
    Role.EXAMINER: _BODY | _ROOMS,
    Role.PRACTITIONER: frozenset(
        {"certification.apply", "certification.apply_in_person", "certification.read_register"}
    ),
    Role.PROVIDER: frozenset(
        {"certification.apply", "certification.apply_for_institution", "certification.read_register"}
    ),
    Role.COORDINATOR: _ROOMS | {"certification.keep_schemes"},
    Role.ANALYST: frozenset({"certification.read_register"}),
    Role.AUDITOR: frozenset({"certification.read_register"}),
    Role.ADMIN: frozenset({"certification.read_register"}),
    Role.PRIVACY: frozenset({"certification.read_register"}),
}

_FILE = frozenset({DataKind.IDENTITY, DataKind.DOCUMENTS})
_SENT = "applications that were sent to their certifying body"

KINDS: dict[str, Shown] = {
    Role.OFFICER: Shown(_SENT, _FILE),
    Role.EXAMINER: Shown(_SENT, _FILE),
    Role.PRACTITIONER: Shown("their own file and applications", _FILE),
    Role.PROVIDER: Shown("the applications of their institution", frozenset({DataKind.DOCUMENTS})),
}


def may_keep_schemes(user: User, body: Organization) -> bool:
    """A coordinator keeps the schemes of every certifying body of their member state."""
    return body.member_state_id in access.states_with(user, "certification.keep_schemes")
