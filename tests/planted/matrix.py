"""Faults of access that the matrix must find."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from tests.planted.plugin import second_wall_away

Fault = tuple[str, str, Callable[[], AbstractContextManager[Any]]]

MATRIX = "tests/matrix/test_matrix.py"
ANSWERS = f"{MATRIX}::test_answers_are_as_the_table_says"
KINDS = f"{MATRIX}::test_every_kind_of_question"


def case_page_forgets_visible_to() -> AbstractContextManager[Any]:
    from cases.models.cases import CaseQuerySet

    return mock.patch.object(CaseQuerySet, "seen", lambda self, **by: self.current())


def child_by_its_bare_id() -> AbstractContextManager[Any]:
    """Authorised by its case, then fetched by its id alone: the fault of Primero's summer."""
    from cases.views.pages import ChildView

    return mock.patch.object(ChildView, "lookup", lambda self: {"pk": self.kwargs[self.url_kwarg]})


def newest_number() -> str:
    """As the owner: the acting user may see no case."""
    from cases.models import Case
    from tests.conftest import owner

    with owner():
        number: str = Case._base_manager.order_by("-created_at").values_list("number", flat=True)[0]
    return number


def number_in_a_header() -> AbstractContextManager[Any]:
    from victimcare.middleware import PrivacyHeadersMiddleware

    whole = PrivacyHeadersMiddleware.__call__

    def leaky(self: Any, request: Any) -> Any:
        response = whole(self, request)
        response["X-Newest"] = newest_number()
        return response

    return mock.patch.object(PrivacyHeadersMiddleware, "__call__", leaky)


def number_in_a_cookie() -> AbstractContextManager[Any]:
    from victimcare import refusals

    whole = refusals.render

    def leaky(*args: Any, **kwargs: Any) -> Any:
        response = whole(*args, **kwargs)
        response.set_cookie("last", newest_number())
        return response

    return mock.patch.object(refusals, "render", leaky)


def unknown_is_refused() -> AbstractContextManager[Any]:
    """403 for what one may not know says that it is there."""
    from django.core.exceptions import PermissionDenied

    return mock.patch("victimcare.views.Http404", PermissionDenied)


@contextmanager
def new_address() -> Iterator[None]:
    from django.urls import path

    from cases import urls
    from victimcare.views import Home

    urls.urlpatterns.append(path("planted/", Home.as_view(), name="planted"))
    try:
        yield
    finally:
        urls.urlpatterns.pop()


@contextmanager
def address_gone() -> Iterator[None]:
    from cases import urls

    last = urls.urlpatterns.pop()
    try:
        yield
    finally:
        urls.urlpatterns.append(last)


def admin_works_on_cases() -> AbstractContextManager[Any]:
    from victimcare import access
    from victimcare.models import Role

    held = access._permissions[Role.ADMIN] | {"cases.work"}
    return mock.patch.dict(access._permissions, {Role.ADMIN: held})


def retired_is_shown() -> AbstractContextManager[Any]:
    from victimcare.models.base import RecordQuerySet

    return mock.patch.object(RecordQuerySet, "current", lambda self: self.all())


def consent_has_no_end() -> AbstractContextManager[Any]:
    from referrals.models import PacketQuerySet

    return mock.patch.object(PacketQuerySet, "open_on", lambda self, day: self)


def leavers_stay() -> AbstractContextManager[Any]:
    from victimcare.models.users import MembershipQuerySet

    return mock.patch.object(MembershipQuerySet, "active", lambda self: self.all())


def search_names_the_hidden_case() -> AbstractContextManager[Any]:
    from cases import search

    whole = search.cases_held

    def telling(persons: Any) -> Any:
        held = whole(persons)
        for case in held:
            case.team.name = case.number
        return held

    return mock.patch.object(search, "cases_held", telling)


def findings_for_the_applicant() -> AbstractContextManager[Any]:
    from certification.views import body

    whole = body._next_steps
    return mock.patch.object(body, "_next_steps", lambda *args: whole(*args) | {"at_body": True})


def addresses_for_everybody() -> AbstractContextManager[Any]:
    return mock.patch("victimcare.access.may_read_address", return_value=True)


def any_supervisor_approves() -> AbstractContextManager[Any]:
    """Of any team: a supervisor decides in their own."""
    return mock.patch("cases.access.OF_THE_TEAM", frozenset())


FAULTS: list[Fault] = [
    (
        "the page of a case forgets whose it is, without the second wall",
        f"{ANSWERS}[cases:case]",
        lambda: second_wall_away(case_page_forgets_visible_to),
    ),
    (
        "something in a case is found by its id alone",
        f"{KINDS}[cases:party_edit-caseworker]",
        child_by_its_bare_id,
    ),
    ("a header names a case", f"{ANSWERS}[home]", number_in_a_header),
    ("a cookie of an error page names a case", f"{ANSWERS}[cases:notes]", number_in_a_cookie),
    ("what is unknown is refused", f"{ANSWERS}[cases:notes]", unknown_is_refused),
    ("a new address has no entry", f"{MATRIX}::test_every_address_has_an_entry", new_address),
    ("an entry has no address", f"{MATRIX}::test_every_entry_has_an_address", address_gone),
    ("an administrator has the room of cases", f"{ANSWERS}[cases:caseload]", admin_works_on_cases),
    ("a retired case is shown", f"{KINDS}[cases:case-caseworker]", retired_is_shown),
    ("what was taken away is shown", f"{KINDS}[cases:incident_edit-supervisor]", retired_is_shown),
    (
        "the packet outlives the consent, without the second wall",
        f"{KINDS}[referrals:packet-provider]",
        lambda: second_wall_away(consent_has_no_end),
    ),
    (
        "who left keeps the cases, without the second wall",
        f"{KINDS}[cases:case-leaver]",
        lambda: second_wall_away(leavers_stay),
    ),
    ("the search names a hidden case", f"{KINDS}[cases:search-southern]", search_names_the_hidden_case),
    (
        "an applicant reads the findings",
        f"{KINDS}[certification:application-practitioner]",
        findings_for_the_applicant,
    ),
    ("everybody reads a confidential address", f"{ANSWERS}[referrals:service]", addresses_for_everybody),
    (
        "a supervisor decides for any team",
        f"{KINDS}[cases:closure_approve-supervisor_south]",
        any_supervisor_approves,
    ),
]
