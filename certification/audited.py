"""What the auditor's pages learn of applications: numbers, organisations and dates."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certification.models import Application
from victimcare import access, audit
from victimcare.models import Role, User
from victimcare.worksheet import Readable

# Of persons, once sent, at the bodies where the user reviewed or decided.
AT_BODIES = """
SELECT DISTINCT a.number, a.organization_id, a.subject_key_id
FROM certification_application a
JOIN victimcare_membership m ON m.organization_id = a.organization_id
WHERE m.user_id = %(user)s AND m.role = ANY(%(roles)s) AND a.practitioner_id IS NOT NULL
AND greatest(a.submitted_at, m.started_at, %(since)s)
< least(coalesce(m.ended_at, 'infinity'), coalesce(a.retired_at, 'infinity'), %(until)s)
AND a.submitted_at IS NOT NULL
"""
# The user's own: whoever has the account reads them.
OWN = """
SELECT a.number, a.organization_id, a.subject_key_id
FROM certification_application a
JOIN certification_practitioner p ON p.id = a.practitioner_id
WHERE p.user_id = %(user)s AND a.created_at < %(until)s
"""
OBJECTS: dict[str, str | Promise] = {
    "certification.Accreditation": _("accreditation"),
    "certification.Application": _("application"),
    "certification.Certificate": _("certificate"),
    "certification.Practitioner": _("practitioner's file"),
}


def readable(account: User, since: datetime, until: datetime) -> Iterable[Readable]:
    """For the breach worksheet."""
    roles = [str(role) for role in Role if "certification.read_applications" in access.permissions_of(role)]
    asked: dict[str, Any] = {"user": account.pk, "since": since, "until": until, "roles": roles}
    kinds = audit.kinds_of(Application)
    for statement, why in (
        (AT_BODIES, _("worked at the certifying body")),
        (OWN, _("the account's own application")),
    ):
        with connection.cursor() as cursor:
            cursor.execute(statement, asked)
            found = cursor.fetchall()
        for number, organization_id, key in found:
            yield Readable(number, organization_id, why, kinds, (key,))
