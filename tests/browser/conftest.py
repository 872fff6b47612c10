"""Browser tests: one product and one Chromium a worker."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from tests.browser import product as products
from tests.browser.product import PASSWORD, Product
from tests.browser.steps import follow

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def product(worker_id: str) -> Iterator[Product]:
    with products.running(f"browser_{worker_id}") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A module's own: while Playwright runs, an event loop runs too, beside which Django refuses to work."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or None, args=CHROMIUM_FLAGS
        )
        yield launched
        launched.close()


@pytest.fixture(autouse=True)
def _one_step_of_the_app() -> None:
    """The product has the real clock here, and so has who reads a code."""


SignIn = Callable[..., Page]
Sessions = dict[tuple[str, str], StorageState]


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    """Cookies by product and account: signing in anew for each test is what the rate limit refuses."""
    return {}


@pytest.fixture
def sign_in(product: Product, browser: Browser, sessions: Sessions) -> Iterator[SignIn]:
    """`sign_in("caseworker", width=360, javascript=False)`: a page of a fresh browser, signed in. Policy
    violations and script errors of any page fail the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def signed_in(
        account: str | None, *, width: int = 1280, javascript: bool = True, language: str = "en"
    ) -> Page:
        context = browser.new_context(
            base_url=product.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale=language,
            storage_state=sessions.get((product.url, account)) if account else None,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if account:
            enter(page, account)
            sessions[product.url, account] = context.storage_state()
        return page

    yield signed_in
    for context in contexts:
        context.close()
    unexpected = [text for text in complaints if "status of 40" not in text]
    assert unexpected == []


def enter(page: Page, account: str) -> None:
    """Be at home, signed in: with the cookies of an earlier time, or with the password."""
    page.goto("/")
    if page.locator("input[name=password]").count():
        page.fill("input[name=login]", account)
        page.fill("input[name=password]", PASSWORD)
        follow(page.locator("main button[type=submit]"))
    page.wait_for_url("**/")
    page.locator(".vc-account").first.wait_for(state="attached")


@pytest.fixture(scope="session")
def axe_source() -> str:
    return Path(AXE_FILE_PATH).read_text(encoding="utf-8")


@pytest.fixture
def axe(axe_source: str) -> Callable[[Page], list[str]]:
    """`axe(page)` lists the violations of WCAG 2.1 A and AA and of best practice as `rule: selectors`."""

    def violations(page: Page) -> list[str]:
        # Through the protocol, not as a script of the page: the page's own policy stays in force.
        page.evaluate(axe_source)
        result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{found['id']}: {', '.join(str(node['target']) for node in found['nodes'])}"
            for found in result["violations"]
        ]

    return violations
