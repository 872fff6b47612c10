"""Steps that lead to another page. Each is done when that page is there: a click alone does not wait."""

from playwright.sync_api import Locator, Page


def follow(control: Locator) -> None:
    with control.page.expect_navigation():
        control.first.click()


def press(page: Page, name: str, *, role: str = "button") -> None:
    """The button, or with `role` the link, of exactly this name."""
    follow(page.get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]  # a role as text


def submit(page: Page) -> None:
    """Send the page's main form."""
    follow(page.locator("main form.vc-form [type=submit]"))
