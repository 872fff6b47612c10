"""Somebody new comes in by a link, sets up a key, and signs in with it: alone, and after the password.

Chromium plays the key. It belongs to a host name, so the product is asked for by its name.
"""

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from tests.browser import pages
from tests.browser.product import Product
from tests.browser.steps import follow, press, submit

NEW_PASSWORD = "only for an invented person"
USERNAME = "newcomer"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

Axe = Callable[[Page], list[str]]


@pytest.fixture
def page(product: Product, browser: Browser) -> Iterator[Page]:
    """Of a browser with a key, and with no complaint about any page at the end."""
    complaints: list[str] = []
    context = browser.new_context(base_url=product.url.replace("127.0.0.1", "localhost"), locale="en")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    protocol = context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    yield page
    context.close()
    assert complaints == []


def invited(admin: Page) -> str:
    """The path of the link that an administrator is shown."""
    admin.goto(reverse("members:invite"))
    admin.fill("[name=name]", "Newcomer Invented")
    admin.fill("[name=username]", USERNAME)
    admin.select_option("[name=role]", "coordinator")
    submit(admin)
    return "/" + admin.input_value("#invitation_link").split("/", 3)[3]


def sign_out(page: Page) -> None:
    page.goto(reverse("account_logout"))
    submit(page)
    page.goto(reverse("account_login"))


def is_home(page: Page) -> bool:
    return page.url.rstrip("/").count("/") == 2 and page.locator(".vc-account").count() > 0


def test_a_newcomer_sets_up_a_key_and_signs_in_with_it(
    page: Page, axe: Axe, sign_in: Callable[[str], Page]
) -> None:
    seen, wrong = set(), {}

    def look(name: str) -> None:
        seen.add(name)
        if found := axe(page):
            wrong[name] = found

    page.goto(invited(sign_in("admin")))
    look("invitation")
    page.fill("[name=password1]", NEW_PASSWORD)
    page.fill("[name=password2]", NEW_PASSWORD)
    submit(page)
    assert page.url.endswith(reverse("mfa_index"))

    press(page, "Add a security key", role="link")
    look("mfa_add_webauthn")
    page.check("[name=passwordless]")
    press(page, "Add the key")
    assert page.url.endswith(reverse("mfa_view_recovery_codes"))
    page.goto("/")
    assert is_home(page)

    sign_out(page)
    press(page, "Sign in with a passkey")
    assert is_home(page)

    sign_out(page)
    page.fill("[name=login]", USERNAME)
    page.fill("[name=password]", NEW_PASSWORD)
    submit(page)
    assert page.url.endswith(reverse("mfa_authenticate"))
    press(page, "Use a security key")
    assert is_home(page)

    page.goto(f"{reverse('mfa_reauthenticate_webauthn')}?next=/")
    look("mfa_reauthenticate_webauthn")
    press(page, "Use a security key")
    assert is_home(page)

    page.goto(reverse("mfa_list_webauthn"))
    look("mfa_list_webauthn")
    follow(page.locator("main a", has_text="Rename"))
    look("mfa_edit_webauthn")
    page.fill("[name=name]", "At the office")
    submit(page)
    assert "At the office" in page.inner_text("main")
    follow(page.locator("main a", has_text="Remove"))
    look("mfa_remove_webauthn")
    submit(page)
    page.goto("/")
    assert page.url.endswith(reverse("mfa_index"))  # the last one is gone, and another is needed
    assert (wrong, seen) == ({}, pages.WITH_A_KEY)
