"""What makes a list slow, planted: for each, the guard's test that must turn red."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from tests.planted.plugin import sql

GUARD = "tests/benches/test_plans.py"
Fault = tuple[str, str, Callable[[], AbstractContextManager[Any]]]


def index_dropped() -> AbstractContextManager[None]:
    return sql("DROP INDEX cases_note_case_id_77ee1e2a")


def policy_by_sub_select() -> AbstractContextManager[None]:
    return sql("ALTER POLICY read ON cases_note USING (case_id IN (SELECT held.id FROM cases_case held))")


def policy_by_function() -> AbstractContextManager[None]:
    return sql(
        "ALTER POLICY read ON cases_enrolment"
        " USING (case_id = ANY (app.my_cases()) OR scope_team_id = ANY (app.my_teams()))"
    )


@contextmanager
def list_by_or() -> Iterator[None]:
    """The list of referrals starts at an OR of sub-selects."""
    from django.db.models import Q

    from cases.models import Case
    from referrals.models import ReferralQuerySet

    def either(self: Any, user: Any) -> Any:
        cases = Case.objects.visible_to(user)
        return self.current().filter(Q(case__in=cases) | Q(received_case__in=cases))

    with mock.patch.object(ReferralQuerySet, "sent_from", either):
        yield


@contextmanager
def list_forgotten() -> Iterator[None]:
    """A list page that nobody told the guard of."""
    from tests.benches import pages

    others = [page for page in pages.PAGES if page.name != "referrals:inbox"]
    with mock.patch.object(pages, "PAGES", others):
        yield


FAULTS: list[Fault] = [
    ("plans: an index is gone", f"{GUARD}::test_plans_of[cases:notes 200]", index_dropped),
    ("plans: a policy by sub-select", f"{GUARD}::test_plans_of[cases:notes 200]", policy_by_sub_select),
    ("plans: a policy by function", f"{GUARD}::test_plans_of[cases:caseload 30]", policy_by_function),
    ("plans: a list by OR", f"{GUARD}::test_plans_of[referrals:mine 200 show=ended]", list_by_or),
    ("plans: a list forgotten", f"{GUARD}::test_every_list_is_looked_at", list_forgotten),
]
