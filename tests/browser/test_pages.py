"""Every page of the product, on a telephone and on a desk: accessible, within its width, with one heading, a
neutral title and no complaint of the browser; and the main forms after a wrong input.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import pages
from tests.browser import product as products
from tests.browser.pages import NOT_PAGES, PAGES
from tests.browser.product import PASSWORD, Product
from tests.browser.steps import follow, submit

WIDTHS = (360, 1440)
# By account, so that each signs in once for each width.
BY_ACCOUNT = sorted(PAGES, key=lambda name: (PAGES[name].account or "", name))

Visit = Callable[[str | None, int], Page]
Axe = Callable[[Page], list[str]]


@pytest.fixture(scope="module")
def product(worker_id: str) -> Iterator[Product]:
    """Its own: another test may have used up the records that the pages show."""
    with products.running(f"pages_{worker_id}") as running:
        yield running


@pytest.fixture(scope="module")
def visit(product: Product, browser: Browser) -> Iterator[Visit]:
    """`visit("officer", 360)`: one page of a browser signed in as that account; the same one each time."""
    kept: dict[tuple[str | None, int], BrowserContext] = {}

    def page(account: str | None, width: int) -> Page:
        if (account, width) not in kept:
            kept[account, width] = signed_in(product, browser, account, width)
        return kept[account, width].pages[0]

    yield page
    for context in kept.values():
        context.close()


def signed_in(product: Product, browser: Browser, account: str | None, width: int) -> BrowserContext:
    context = browser.new_context(base_url=product.url, viewport={"width": width, "height": 900}, locale="en")
    context.set_default_timeout(10_000)
    page = context.new_page()
    if account:
        page.goto("/account/login/")
        page.fill("[name=login]", account)
        page.fill("[name=password]", PASSWORD)
        follow(page.locator("main [type=submit]"))
        page.wait_for_url(f"{product.url}/")
    return context


@pytest.fixture(scope="module")
def names(visit: Visit) -> set[str]:
    """Every name of a person in the caseload, word by word."""
    page = visit("caseworker", 1440)
    page.goto("/cases/")
    shown = page.locator("main tbody td:nth-child(2)").all_inner_texts()
    assert len(shown) > 10
    return {word for name in shown for word in name.split()}


def faults(page: Page, axe: Axe, names: set[str]) -> list[str]:
    """What is wrong with the page as it stands, in words."""
    found = axe(page)
    if page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"):
        found.append("scrolls sideways")
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} h1")
    if page.locator("html").get_attribute("lang") != "en":
        found.append("the language of the page is not said")
    title = page.title()
    if re.search(r"\d", title) or names & set(title.split()) or not title.partition("·")[0].strip():
        found.append(f"the title says too much or nothing: {title}")
    return found


def test_every_page_of_the_product_is_listed() -> None:
    assert pages.answering_get() == set(PAGES) | set(NOT_PAGES) | pages.SECOND_STEP | pages.WITH_A_KEY


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("account", list(dict.fromkeys(PAGES[name].account for name in BY_ACCOUNT)))
def test_pages(
    visit: Visit, product: Product, axe: Axe, names: set[str], account: str | None, width: int
) -> None:
    page = visit(account, width)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    wrong: dict[str, list[str]] = {}
    for name in (name for name in BY_ACCOUNT if PAGES[name].account == account):
        address = pages.address(product, name)
        answer = page.goto(address)
        assert answer is not None
        found = [f"status {answer.status}"] if answer.status != 200 else faults(page, axe, names)
        if not page.url.endswith(address):
            found.append(f"leads to {page.url}")
        if found or complaints:
            wrong[name] = found + complaints
        complaints.clear()
    assert wrong == {}


def code_of(secret: str) -> str:
    """What an authenticator shows now."""
    counter = next(totp.yield_hotp_counters_from_time())
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def send(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"main [name={name}]", value)
    follow(page.locator("main form [type=submit]"))


# Opens no other page of these tests: from then on nobody signs in as them with a password alone.
TURNS_IT_ON = "analyst"


def test_second_sign_in_step(product: Product, browser: Browser, axe: Axe, names: set[str]) -> None:
    """Turned on, its codes read, and asked for at the next sign-in."""
    assert TURNS_IT_ON not in {entry.account for entry in PAGES.values()}
    wrong: dict[str, list[str]] = {}

    def look(page: Page, name: str, *, go: bool = True) -> None:
        if go:
            page.goto(reverse(name))
        if page.url.partition("?")[0] != f"{product.url}{reverse(name)}":
            wrong[name] = [f"leads to {page.url}"]
        elif found := faults(page, axe, names):
            wrong[name] = found

    with signed_in(product, browser, TURNS_IT_ON, 360) as context:
        page = context.pages[0]
        page.goto(reverse("mfa_activate_totp"))
        look(page, "mfa_activate_totp", go=False)
        secret = page.input_value("#authenticator_secret")
        send(page, code=code_of(secret))
        if page.url.endswith(reverse("mfa_activate_totp")):  # its thirty seconds had just ended
            send(page, code=code_of(secret))
        for name in sorted(pages.SECOND_STEP - {"mfa_activate_totp", "mfa_authenticate"}):
            look(page, name)
    with signed_in(product, browser, None, 360) as context:
        page = context.pages[0]
        page.goto("/account/login/")
        send(page, login=TURNS_IT_ON, password=PASSWORD)
        look(page, "mfa_authenticate", go=False)
    assert wrong == {}


# Form, and what is typed into it: refused each time, and kept.
WRONG_INPUT = {
    "account_login": {"login": "caseworker", "password": "wrong"},
    "cases:intake": {"given_names": "Zulema", "birth": "32-13-1990"},
    "cases:search": {"birth": "yesterday"},
    "cases:contact_add": {"value": "not a number"},
    "cases:incident_add": {"occurred": "yesterday", "narrative": "Some words."},
    "cases:party_add": {"name": "Somebody"},
    "cases:note_add": {"text": " "},
    "cases:consent_add": {},
    "cases:closure_ask": {"words": "Some words."},
    "cases:legal_hold": {},
    "cases:erasure_ask": {},
    "cases:erasure_approve": {"confirmation": "7K4"},
    "referrals:decline": {"answer": "Some words."},
    "referrals:complete": {"answer": "Some words."},
    "certification:apply": {"legal_name": "Somebody", "birth": "yesterday"},
    "certification:review": {"findings": "Some words."},
    "certification:decide": {},
    "certification:accreditation_suspend": {},
}


@pytest.mark.parametrize("width", WIDTHS)
def test_forms_after_a_wrong_input(
    visit: Visit, product: Product, axe: Axe, names: set[str], width: int
) -> None:
    """What is wrong is said at the top, which has the focus; what was typed is still there."""
    wrong: dict[str, list[str]] = {}
    for name, typed in WRONG_INPUT.items():
        page = visit(PAGES[name].account, width)
        page.goto(pages.address(product, name))
        for field, value in typed.items():
            page.fill(f"main [name={field}]", value)
        submit(page)
        if found := after_refusal(page, typed) or faults(page, axe, names):
            wrong[name] = found
    assert wrong == {}


def after_refusal(page: Page, typed: dict[str, str]) -> list[str]:
    """What is missing from a form that was refused, in words."""
    summary = page.locator(".vc-errors")
    if not summary.count():
        return [f"no summary at {page.url}"]
    found = [] if summary.evaluate("one => one === document.activeElement") else ["the summary has no focus"]
    for field, value in typed.items():
        if field != "password" and page.input_value(f"main [name={field}]").strip() != value.strip():
            found.append(f"{field} is lost")
    return found
