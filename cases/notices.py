"""What people are told of cases: the number and the way to it, as long as they may see it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.models import Assignment, Case
from victimcare import notifications
from victimcare.notifications.actions import tell

ASSIGNED = "cases.assigned"


def register() -> None:
    notifications.register(
        ASSIGNED, _("A case was assigned to you"), sees=Case.objects.visible_to, permission="cases.work"
    )


def assigned(assignment: Assignment) -> None:
    tell([assignment.user], ASSIGNED, reference=assignment.case.number, link=_page(assignment.case))


def _page(case: Case) -> str:
    return reverse("cases:case", args=[case.pk])
