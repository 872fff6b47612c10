"""Without a mouse, in a hurry, and with a hand that clicks twice."""

from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser import pages
from tests.browser.conftest import SignIn
from tests.browser.product import Product


def test_first_tab_skips_to_the_content(sign_in: SignIn) -> None:
    page = sign_in("caseworker")
    page.goto("/cases/")
    page.keyboard.press("Tab")
    skip = page.locator(".vc-skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Find or open a case").last).to_be_focused()


def test_search_to_intake_by_keyboard(sign_in: SignIn) -> None:
    page = sign_in("caseworker")
    page.goto("/cases/search/")
    page.focus("#main")
    tab_to(page, "[name=given_names]")
    page.keyboard.type("Zenobia")
    page.keyboard.press("Enter")
    expect(page.locator("#results-title")).to_be_visible()
    page.focus("#main")
    tab_to(page, "form[action='/cases/intake/'] [type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("[name=enrolments]").first).to_be_visible()
    expect(page.locator("[name=given_names]")).to_have_value("Zenobia")
    page.focus("#main")
    tab_to(page, "[name=enrolments]")
    page.keyboard.press("Space")
    tab_to(page, "main form.vc-form [type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Zenobia")


def tab_to(page: Page, selector: str) -> None:
    """Tab until it has the focus; what has the focus is always in sight."""
    for _press in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and focused.evaluate("(one, selector) => one.matches(selector)", selector):
            expect(focused).to_be_in_viewport()
            return
    raise AssertionError(f"Tab does not reach {selector}")


def test_escape_twice_leaves_and_the_way_back_is_closed(sign_in: SignIn) -> None:
    page = sign_in("caseworker")
    page.context.route("**/leave/", neutral_site)
    page.clock.install()
    page.goto("/cases/")
    page.keyboard.press("Escape")
    page.clock.fast_forward(900)  # too slow: two single presses
    page.keyboard.press("Escape")
    assert not page.evaluate("document.documentElement.hidden")
    page.clock.fast_forward(900)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).to_have_title("Elsewhere")
    page.goto("/cases/")
    expect(page.locator("[name=password]")).to_be_visible()


def neutral_site(route: Route) -> None:
    """The leaving itself is real; where it leads to is not fetched, so that no network is needed."""
    answer = route.fetch(max_redirects=0)
    assert answer.headers["location"].startswith("https://www.wikipedia.org/")
    route.fulfill(body="<!doctype html><title>Elsewhere</title>", content_type="text/html")


def test_leave_button_leaves(sign_in: SignIn) -> None:
    page = sign_in("caseworker", width=360)
    page.context.route("**/leave/", neutral_site)
    page.locator(".vc-leave").click()
    expect(page).to_have_title("Elsewhere")


def test_double_click_on_accept_is_one_acceptance(sign_in: SignIn, product: Product) -> None:
    [(pk,)] = product.execute(pages.PAGES["referrals:decline"].record)
    page = sign_in("provider")
    page.goto(f"/referrals/{pk}/")
    page.get_by_role("button", name="Accept referral").dblclick()
    expect(page.locator("main .vc-status", has_text="accepted").first).to_be_visible()
    taken = product.execute(
        "SELECT count(*) FROM victimcare_step WHERE object_id = %s AND verb = 'accept'", [str(pk)]
    )
    assert taken == [(1,)]


def test_double_submit_of_intake_is_one_case(sign_in: SignIn, product: Product) -> None:
    page = sign_in("caseworker")
    page.goto("/cases/intake/")
    page.fill("[name=given_names]", "Yolanda")
    page.check("[name=enrolments][value=victim]")
    before = cases(product)
    page.locator("main form.vc-form [type=submit]").first.dblclick()
    expect(page.locator("h1")).to_have_text("Yolanda")
    assert cases(product) == before + 1


def test_two_equal_posts_of_intake_are_one_case(sign_in: SignIn, product: Product) -> None:
    """Without JavaScript nothing holds the second one back but the server."""
    page = sign_in("caseworker", javascript=False)
    page.goto("/cases/intake/")
    page.check("[name=enrolments][value=victim]")
    form = {
        field.get_attribute("name") or "": field.input_value()
        for field in page.locator("main form.vc-form").locator("input:not([type=checkbox]), select").all()
    }
    before = cases(product)
    answers = [post(page, "/cases/intake/", form | {"enrolments": "victim"}) for _time in range(2)]
    assert [answer.status for answer in answers] == [302, 302]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert cases(product) == before + 1


def post(page: Page, address: str, form: dict[str, str]) -> APIResponse:
    return page.request.post(address, form=form, headers={"Referer": page.url}, max_redirects=0)


def cases(product: Product) -> int:
    return int(str(product.execute("SELECT count(*) FROM cases_case")[0][0]))
