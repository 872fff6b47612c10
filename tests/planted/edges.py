"""Faults at the edges: headers, forged and hostile requests, looks that write, words that get away."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from django.test import override_settings

Fault = tuple[str, str, Callable[[], AbstractContextManager[Any]]]

EDGES = "tests/edges"
HEADERS = f"{EDGES}/test_headers.py"
PAGES = f"{HEADERS}::test_no_title_names_anything_and_every_form_has_its_token"
ANSWERS = f"{EDGES}/test_answers.py"
FORGED = f"{EDGES}/test_forged.py::test_what_is_forged_is_refused_at_every_address"
READING = f"{EDGES}/test_reading.py::test_no_look_at_any_kind_of_record_changes_anything"
INPUT = f"{EDGES}/test_input.py"
DEPLOYMENT = "tests/victimcare/test_deployment.py"
REPORTER = f"{EDGES}/test_reporter.py"


def patched(target: str, value: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: mock.patch(target, value)


@contextmanager
def a_look_is_a_receipt() -> Iterator[None]:
    """As it was: whoever opened the page of a referral had received it."""
    from referrals import actions
    from referrals.views.referral import ReferralPage

    whole = ReferralPage.get

    def receiving(self: Any, request: Any, pk: Any) -> Any:
        if self.referral.may(self.me, "receive"):
            self.referral = actions.receive(self.referral, by=self.me)
        return whole(self, request, pk)

    with mock.patch.object(ReferralPage, "get", receiving):
        yield


@contextmanager
def a_title_names_the_case() -> Iterator[None]:
    from cases.views.case import CasePage

    whole = CasePage.get

    def telling(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = whole(self, request, *args, **kwargs)
        if answer.status_code == 200:
            number = self.case.number.encode()
            answer.content = answer.content.replace(b"<title>", b"<title>" + number)
        return answer

    with mock.patch.object(CasePage, "get", telling):
        yield


@contextmanager
def one_view_takes_what_is_forged() -> Iterator[None]:
    from django.urls import get_resolver

    [language] = [one for one in get_resolver().url_patterns if getattr(one, "name", "") == "language"]
    with mock.patch.object(language.callback, "csrf_exempt", True, create=True):
        yield


@contextmanager
def a_zero_byte_crashes() -> Iterator[None]:
    """Nobody looks for them before the database does."""
    from django.core.validators import ProhibitNullCharactersValidator

    with mock.patch.object(ProhibitNullCharactersValidator, "__call__", return_value=None):
        yield


def no_header(name: str) -> Callable[[], AbstractContextManager[Any]]:
    @contextmanager
    def planted() -> Iterator[None]:
        from victimcare.middleware import PrivacyHeadersMiddleware

        whole = PrivacyHeadersMiddleware.__call__

        def without(self: Any, request: Any) -> Any:
            answer = whole(self, request)
            answer.headers.pop(name, None)
            return answer

        with mock.patch.object(PrivacyHeadersMiddleware, "__call__", without):
            yield

    return planted


@contextmanager
def every_field_is_taken() -> Iterator[None]:
    """A form's own fields and whatever else came along."""
    from victimcare.forms import ModelForm

    whole = ModelForm._post_clean

    def greedy(self: Any) -> None:
        whole(self)
        if "created_by_id" in self.data:
            self.instance.created_by_id = self.data["created_by_id"]
            self.instance.retired_at = self.data["retired_at"]

    with mock.patch.object(ModelForm, "_post_clean", greedy):
        yield


def loose_redirects() -> AbstractContextManager[Any]:
    return mock.patch("victimcare.views.url_has_allowed_host_and_scheme", return_value=True)


@contextmanager
def exceptions_are_quoted() -> Iterator[None]:
    from victimcare import logs

    with mock.patch.object(logs, "described", str):
        yield


@contextmanager
def a_pattern_hangs() -> Iterator[None]:
    import re

    from cases import names

    with mock.patch.object(names, "LETTERS", re.compile(r"(\w+\s?)+$")):
        yield


@contextmanager
def pages_have_an_inline_script() -> Iterator[None]:
    """On the way to the browser, with the headers that the page came with."""
    from playwright.sync_api import Page

    whole = Page.goto

    def inject(route: Any) -> None:
        answer = route.fetch()
        body = answer.text().replace("</body>", "<script>document.title</script></body>")
        route.fulfill(response=answer, body=body)

    def going(self: Any, address: str, **kwargs: Any) -> Any:
        self.route(f"**{address}", inject)
        try:
            return whole(self, address, **kwargs)
        finally:
            self.unroute(f"**{address}")

    with mock.patch.object(Page, "goto", going):
        yield


def unmarked_formulas() -> AbstractContextManager[Any]:
    return mock.patch("victimcare.spreadsheets.defused", lambda cell: "" if cell is None else str(cell))


@contextmanager
def rule_is_gone() -> Iterator[None]:
    from victimcare.deployment import options

    left = tuple(rule for rule in options.RULES if rule[0] != "E107")
    with mock.patch.object(options, "RULES", left):
        yield


FAULTS: list[Fault] = [
    ("an answer may be kept in a cache", f"{HEADERS}::test_every_address_answers_with_the_headers[home]",
     no_header("Cache-Control")),
    ("a crash has no headers", f"{ANSWERS}::test_what_is_answered_outside_of_a_page_has_the_headers[a crash]",
     no_header("Permissions-Policy")),
    ("a policy lets scripts in",
     f"{ANSWERS}::test_what_is_answered_outside_of_a_page_has_the_headers[nobody is signed in]",
     lambda: override_settings(CONTENT_SECURITY_POLICY={"DIRECTIVES": {"script-src": ["'unsafe-inline'"]}})),
    ("signing out leaves the page in the browser",
     f"{ANSWERS}::test_signing_out_clears_what_the_browser_keeps[account_logout]",
     patched("victimcare.views.forgets", lambda response: response)),
    ("a title names a case", f"{PAGES}[cases:case]",
     a_title_names_the_case),
    ("a form has no token", f"{PAGES}[cases:erasure_approve]",
     patched("django.template.defaulttags.CsrfTokenNode.render", lambda node, context: "")),
    ("a page has an inline script", "tests/browser/test_pages.py::test_pages[None-360]",
     pages_have_an_inline_script),
    ("one view takes what is forged", f"{FORGED}[no token-nobody]", one_view_takes_what_is_forged),
    ("opening a referral is its receipt", f"{READING}[referrals:referral]", a_look_is_a_receipt),
    ("a zero byte reaches the database", f"{INPUT}::test_a_zero_byte_is_refused_in_words",
     a_zero_byte_crashes),
    ("a form crashes", f"{EDGES}/test_hostile.py::test_a_thousand_malformed_requests",
     lambda: mock.patch("django.forms.forms.BaseForm.is_valid", side_effect=ValueError)),
    ("a form takes fields that it lacks",
     f"{EDGES}/test_fields.py::test_fields_that_the_form_lacks_change_nothing[cases:incident_add]",
     every_field_is_taken),
    ("a form leads elsewhere", f"{INPUT}::test_nobody_is_led_elsewhere[language-https://elsewhere.example/]",
     loose_redirects),
    ("a cell is a formula", f"{INPUT}::test_no_cell_is_a_formula_and_each_comes_back_as_it_was",
     unmarked_formulas),
    ("a pattern hangs", f"{INPUT}::test_no_pattern_of_the_product_hangs", a_pattern_hangs),
    ("a crash is reported with its words", f"{REPORTER}::test_a_crash_is_reported_without_what_was_written",
     exceptions_are_quoted),
    ("an unsafe setting has no rule",
     f"{DEPLOYMENT}::test_an_unsafe_setting_is_found[E107-{{'SECURE_HSTS_SECONDS': 3600}}]",
     rule_is_gone),
]  # fmt: skip
