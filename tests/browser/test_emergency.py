"""A colleague's case in an emergency: how many clicks, fields and seconds from the search to the minimum. The
time is printed, and depends on the machine; how much there is to do is asserted.
"""

import time

from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser.conftest import SignIn
from tests.browser.product import Product
from tests.browser.steps import press
from tests.browser.test_keyboard import tab_to

NUMBER = f"SELECT number FROM cases_case WHERE id = ({pages.SOUTHERN})"
CLICKS, FIELDS = 3, 2


class Hands:
    """What somebody does: each click and each field counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.fields = page, 0, 0

    def press(self, name: str, role: str = "button") -> None:
        self.clicks += 1
        press(self.page, name, role=role)

    def choose(self, selector: str) -> None:
        self.clicks += 1
        self.page.check(selector)

    def write(self, selector: str, words: str) -> None:
        self.fields += 1
        self.page.fill(selector, words)


def test_few_clicks_open_the_minimum_and_one_ends_it(product: Product, sign_in: SignIn) -> None:
    [(number,)] = product.execute(NUMBER)
    page = sign_in("caseworker")
    page.goto("/cases/search/")
    hands, began = Hands(page), time.monotonic()
    hands.press("Emergency? Open a case of a colleague by its number", role="link")
    hands.write("[name=number]", number)
    hands.choose("[name=reason][value=life_in_danger]")
    hands.write("[name=words]", "Shouting next door")
    hands.press("Open the case now")
    expect(page.get_by_text("Opened in an emergency, until")).to_be_visible()
    print(f"{hands.clicks} clicks, {hands.fields} fields, {time.monotonic() - began:.1f} s")  # noqa: T201 - a figure
    expect(page.locator(".vc-number")).to_have_text(number)
    expect(page.get_by_role("heading", name="Danger and safety")).to_be_visible()
    press(page, "End now")
    expect(page.get_by_text("The case is closed to you again.")).to_be_visible()
    assert (hands.clicks, hands.fields) == (CLICKS, FIELDS)


def test_the_same_without_a_mouse(product: Product, sign_in: SignIn) -> None:
    page = sign_in("caseworker2")
    [(number,)] = product.execute(
        "SELECT c.number FROM cases_case c JOIN victimcare_team t ON t.id = c.team_id WHERE t.name = 'Norte'"
        " AND c.erased_at IS NULL ORDER BY c.opened_on, c.id LIMIT 1"
    )
    page.goto("/cases/emergency/")
    page.focus("#main")
    tab_to(page, "[name=number]")
    page.keyboard.type(number)
    tab_to(page, "[name=reason]")
    page.keyboard.press("Space")
    tab_to(page, "[name=words]")
    page.keyboard.type("Shouting next door")
    tab_to(page, "main form.vc-form [type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Opened in an emergency, until")).to_be_visible()
    page.focus("#main")
    tab_to(page, ".vc-notice form [type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The case is closed to you again.")).to_be_visible()
