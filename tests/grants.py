"""Grants are asserted as whole sets: nothing more, nothing less."""

from cases.access import CaseGrant
from cases.models import Case

WORK = "work_on_case"
COUNSEL = "read_counselling"


def grants_of(case: Case) -> set[tuple[str, str]]:
    """All of a case: (user name, codename)."""
    rows = CaseGrant.objects.filter(content_object=case.pk)
    return set(rows.values_list("user__username", "permission__codename"))


def all_grants() -> set[tuple[str, str, str]]:
    """All there are: (case number, user name, codename)."""
    rows = CaseGrant.objects.all()
    return set(rows.values_list("content_object__number", "user__username", "permission__codename"))
