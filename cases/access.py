"""Who does what with cases.

A caseworker opens cases and works on those assigned to them, and sees no other. A supervisor sees the cases
of their own teams, assigns them and approves their closure; who asked for a closure never approves it. Nobody
else has a room here: an administrator reads no case.
"""

from typing import ClassVar

from django.db import models

from victimcare.access import UserGrant
from victimcare.models import Role

WORK = "work_on_case"

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.CASEWORKER: frozenset({"cases.work", "cases.open", "cases.ask_closure"}),
    Role.SUPERVISOR: frozenset(
        {
            "cases.work",
            "cases.supervise",
            "cases.open",
            "cases.assign",
            "cases.ask_closure",
            "cases.approve_closure",
        }
    ),
}


class CaseGrant(UserGrant):
    """One case opened to one user: the consequence of an assignment."""

    allowed: ClassVar[frozenset[str]] = frozenset({WORK})
    content_object = models.ForeignKey("cases.Case", models.CASCADE, related_name="grants")

    class Meta(UserGrant.Meta):
        app_label = "cases"
