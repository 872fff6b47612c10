"""`make pictures`: the demonstration's main pages, as a telephone and a desk show them, into docs/pictures.

Reads BASE_URL and DEMO_PASSWORD, and CHROMIUM if the browser is not Playwright's own.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.steps import follow

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
WIDTHS = (360, 1440)
HEIGHTS = {360: 800, 1440: 900}
TALLEST = 2400
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--font-render-hinting=none"]

Walk = Callable[[Page], None]


def home(page: Page) -> None:
    page.goto("/")


def caseload(page: Page) -> None:
    page.goto("/cases/")


def intake(page: Page) -> None:
    """From a search without a match, as it is reached in earnest."""
    page.goto("/cases/search/")
    page.fill("[name=given_names]", "Marisol")
    page.fill("[name=surnames]", "Iturralde Páez")
    follow(page.locator("main form [type=submit]"))
    follow(page.locator("form[action$='/intake/'] [type=submit]"))
    page.check("[name=enrolments][value=victim]")
    page.select_option("[name=contacts-0-safety]", "with_care")


def case(page: Page) -> None:
    """A case in work that was referred: the one of a referral that the provider accepted."""
    referred_case(page, "accepted")


def candidates(page: Page) -> None:
    referred_case(page, "withdrawn")
    follow(page.locator("a[href*='/candidates/']"))
    page.select_option("[name=service_kind]", "shelter")
    page.select_option("[name=region]", "AR-X")
    follow(page.locator("main form [type=submit]"))


def referred_case(page: Page, status: str) -> None:
    """The first case of the caseload with a referral in this state."""
    page.goto("/cases/")
    for address in page.locator("main tbody th a").evaluate_all("links => links.map(one => one.href)"):
        page.goto(address)
        if page.locator("main .vc-status", has_text=status).count():
            return
    raise LookupError(f"No case with a referral that is {status}")


def inbox(page: Page) -> None:
    page.goto("/referrals/inbox/")


def packet(page: Page) -> None:
    page.goto("/referrals/inbox/")
    follow(page.locator("main tbody a"))
    follow(page.locator("a[href$='/packet/']"))


def decision(page: Page) -> None:
    """An application that a colleague reviewed, with the decision to take."""
    page.goto("/certification/applications/?show=decide")
    follow(page.locator("main tbody a"))
    follow(page.locator("a[href$='/decide/']"))


PICTURES: dict[str, tuple[str, Walk]] = {
    "home": ("caseworker", home),
    "caseload": ("caseworker", caseload),
    "intake": ("caseworker", intake),
    "case": ("caseworker", case),
    "candidates": ("caseworker", candidates),
    "inbox": ("provider", inbox),
    "packet": ("provider", packet),
    "decision": ("officer", decision),
}


def signed_in(browser: Browser, account: str, width: int) -> BrowserContext:
    context = browser.new_context(
        base_url=os.environ["BASE_URL"],
        viewport={"width": width, "height": HEIGHTS[width]},
        locale="en",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", account)
    page.fill("[name=password]", os.environ["DEMO_PASSWORD"])
    follow(page.locator("main [type=submit]"))
    page.wait_for_url(f"{os.environ['BASE_URL'].rstrip('/')}/")
    in_english(page)
    page.close()
    return context


def in_english(page: Page) -> None:
    """The pages' own language form, sent with the token of the page."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    form = {"language": "en", "next": "/", "csrfmiddlewaretoken": token}
    page.request.post("/language/", form=form, headers={"Referer": page.url})


def photograph(page: Page, name: str, width: int) -> None:
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
    tall = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(HEIGHTS[width], min(tall, TALLEST))})
    page.screenshot(path=FOLDER / f"{name}-{width}.png", animations="disabled")


def take(browser: Browser, width: int) -> None:
    contexts: dict[str, BrowserContext] = {}
    for name, (account, walk) in PICTURES.items():
        if account not in contexts:
            contexts[account] = signed_in(browser, account, width)
        page = contexts[account].new_page()
        page.set_default_timeout(10_000)
        walk(page)
        photograph(page, name, width)
        page.close()
    for context in contexts.values():
        context.close()


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or None, args=FLAGS)
        for width in WIDTHS:
            take(browser, width)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
