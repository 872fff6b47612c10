"""The main action of each main page works when no script runs: an old telephone, a bad line."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import pages
from tests.browser import product as products
from tests.browser.conftest import SignIn
from tests.browser.product import PASSWORD, Product
from tests.browser.steps import follow, press, submit


@pytest.fixture(scope="module")
def product(worker_id: str) -> Iterator[Product]:
    """Its own: each test uses up a record of the demonstration."""
    with products.running(f"no_script_{worker_id}") as running:
        yield running


def said(page: Page, words: str) -> None:
    expect(page.locator(".vc-messages")).to_contain_text(words)


def test_sign_in_language_and_sign_out(sign_in: SignIn, product: Product) -> None:
    page = sign_in(None, javascript=False)
    page.goto("/account/login/")
    page.fill("[name=login]", "analyst")
    page.fill("[name=password]", PASSWORD)
    submit(page)
    page.wait_for_url(f"{product.url}/")
    page.locator(".vc-header-tools summary").first.click()
    page.locator(".vc-language select").first.select_option("fr")
    follow(page.locator(".vc-language [type=submit]"))
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.locator(".vc-header-tools summary").first.click()
    follow(page.locator("form[action='/account/logout/'] [type=submit]"))
    expect(page.locator("[name=password]")).to_be_visible()
    product.speak("en")


def test_leave(sign_in: SignIn) -> None:
    page = sign_in("caseworker", javascript=False)
    page.context.route("**/leave/", neutral_site)
    page.locator(".vc-leave").click()
    expect(page).to_have_title("Elsewhere")
    page.goto("/cases/")
    expect(page.locator("[name=password]")).to_be_visible()


def neutral_site(route: Route) -> None:
    """The leaving itself is real; where it leads to is not fetched, so that no network is needed."""
    answer = route.fetch(max_redirects=0)
    assert answer.headers["location"].startswith("https://www.wikipedia.org/")
    route.fulfill(body="<!doctype html><title>Elsewhere</title>", content_type="text/html")


def test_search_and_intake(sign_in: SignIn) -> None:
    page = sign_in("caseworker", javascript=False)
    page.goto("/cases/search/")
    page.fill("[name=given_names]", "Xiomara")
    submit(page)
    follow(page.locator("form[action='/cases/intake/'] [type=submit]"))
    expect(page.locator("[name=given_names]")).to_have_value("Xiomara")
    page.check("[name=enrolments][value=victim]")
    submit(page)
    expect(page.locator("h1")).to_have_text("Xiomara")
    said(page, "Case opened.")


def test_caseload_filter_and_search(sign_in: SignIn) -> None:
    page = sign_in("caseworker", javascript=False)
    page.goto("/cases/")
    name = page.locator("main tbody td:nth-child(2)").first.inner_text()
    page.fill("[name=q]", name)
    follow(page.get_by_role("search").locator("[type=submit]"))
    expect(page.locator("main tbody")).to_contain_text(name)
    page.select_option("[name=status]", "closed")
    press(page, "Show")
    statuses = page.locator("main tbody .vc-status").all_inner_texts()
    assert {text.strip() for text in statuses} == {"closed"}


def test_consent(sign_in: SignIn, product: Product) -> None:
    page = sign_in("caseworker", javascript=False)
    [(receiver,)] = product.execute("SELECT id FROM victimcare_organization WHERE code = 'ar-aurora'")
    page.goto(f"{pages.address(product, 'cases:consent_add')}?recipient={receiver}&purpose=referral")
    page.select_option("[name=given_by]", "self")
    page.select_option("[name=evidence]", "written")
    page.locator("[name=kinds][value=identity]").check()
    submit(page)
    expect(page.get_by_role("link", name="Consent to share with Fundación Aurora")).to_be_visible()


def test_draft_and_send(sign_in: SignIn, product: Product) -> None:
    page = sign_in("caseworker", javascript=False)
    [(case,)] = product.execute("SELECT case_id FROM referrals_referral WHERE status = 'withdrawn'")
    page.goto(f"/referrals/cases/{case}/candidates/")
    page.select_option("[name=service_kind]", "shelter")
    page.select_option("[name=region]", "AR-X")
    press(page, "Find providers")
    follow(page.get_by_role("link", name=re.compile("^Refer here")))
    page.fill("[name=request]", "A place from today on.")
    page.locator("[name=consent]").first.check()
    submit(page)
    press(page, "Send referral")
    said(page, "Sent.")


def test_accept(sign_in: SignIn, product: Product) -> None:
    page = sign_in("provider", javascript=False)
    open_referral(page, product, "waitlisted")
    press(page, "Accept referral")
    said(page, "Accepted.")


def test_decline_with_a_reason(sign_in: SignIn, product: Product) -> None:
    page = sign_in("provider", javascript=False)
    open_referral(page, product, "sent")
    press(page, "Decline", role="link")
    submit(page)
    expect(page.locator(".vc-errors")).to_be_visible()
    page.select_option("[name=reason]", "no_capacity")
    submit(page)
    said(page, "Declined.")


def test_outcome(sign_in: SignIn, product: Product) -> None:
    page = sign_in("provider", javascript=False)
    open_referral(page, product, "in_progress")
    press(page, "Report the outcome", role="link")
    page.select_option("[name=outcome]", "provided")
    submit(page)
    said(page, "Outcome reported.")


def open_referral(page: Page, product: Product, status: str) -> None:
    [(pk,)] = product.execute(
        "SELECT r.id FROM referrals_referral r JOIN victimcare_organization o ON o.id = r.receiver_id"
        " WHERE o.code = 'ar-ceibos' AND r.status = %s ORDER BY r.created_at LIMIT 1",
        [status],
    )
    page.goto(f"/referrals/{pk}/")


def test_review(sign_in: SignIn, product: Product) -> None:
    page = sign_in("examiner", javascript=False)
    page.goto(pages.address(product, "certification:application"))
    follow(page.get_by_role("button", name=re.compile("review", re.IGNORECASE)))
    page.goto(page.url.rstrip("/") + "/review/")
    page.locator("[name=recommendation]").first.check()
    page.fill("[name=findings]", "The rooms were visited.")
    submit(page)
    said(page, "The review is finished.")


def test_decide(sign_in: SignIn, product: Product) -> None:
    page = sign_in("officer", javascript=False)
    page.goto(pages.address(product, "certification:decide"))
    page.locator("[name=decision]").first.check()
    page.select_option("[name=reason]", "requirements_met")
    submit(page)
    said(page, "The decision is recorded")


def test_suspend(sign_in: SignIn, product: Product) -> None:
    page = sign_in("officer", javascript=False)
    page.goto(pages.address(product, "certification:certificate_suspend"))
    page.select_option("[name=reason]", "safety")
    submit(page)
    expect(page.locator("main .vc-status", has_text="suspended").first).to_be_visible()


def test_closure_asked_and_approved(sign_in: SignIn, product: Product) -> None:
    worker = sign_in("caseworker", javascript=False)
    worker.goto(pages.address(product, "cases:closure_ask"))
    worker.select_option("[name=closure_reason]", "goals_reached")
    submit(worker)
    said(worker, "A supervisor of the team was asked")
    case = worker.url
    supervisor = sign_in("supervisor", javascript=False)
    supervisor.goto(f"{case}closure/approve/")
    submit(supervisor)
    said(supervisor, "The case is closed.")
