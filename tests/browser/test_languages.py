"""The main pages in each language: no English sentence is left that the catalogue has in that language."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.browser import pages
from tests.browser import product as products
from tests.browser.conftest import SignIn
from tests.browser.pages import PAGES
from tests.browser.product import ROOT, Product

MAIN = (
    "home",
    "account_login",
    "cases:caseload",
    "cases:search",
    "cases:intake",
    "cases:case",
    "cases:consent_add",
    "referrals:candidates",
    "referrals:draft",
    "referrals:referral",
    "referrals:inbox",
    "referrals:packet",
    "referrals:decline",
    "certification:queue",
    "certification:review",
    "certification:decide",
    "certification:register",
)


def catalogue(language: str) -> dict[str, str]:
    """English sentence -> its translation, for those of three words or more without anything to fill in."""
    [path] = Path(ROOT, "locale").glob(f"{language[:2]}*/LC_MESSAGES/django.po")
    with path.open("rb") as file:
        messages = read_po(file)
    return {
        message.id: message.string
        for message in messages
        if isinstance(message.id, str) and len(message.id.split()) >= 3 and "%" not in message.id
    }


@pytest.fixture(scope="module")
def product(worker_id: str) -> Iterator[Product]:
    """Its own: another test may have used up the records that the pages show."""
    with products.running(f"languages_{worker_id}") as running:
        yield running


@pytest.mark.parametrize("language", ["es", "pt-br", "fr"])
def test_no_english_is_left(sign_in: SignIn, product: Product, language: str) -> None:
    sentences = catalogue(language)
    english = {text for text, translated in sentences.items() if translated != text}
    assert english, "the catalogue is empty"
    product.speak(language)
    left: dict[str, list[str]] = {}
    try:
        for name in sorted(MAIN, key=lambda one: PAGES[one].account or ""):
            page = sign_in(PAGES[name].account, language=language)
            page.goto(pages.address(product, name))
            assert (page.locator("html").get_attribute("lang") or "").startswith(language[:2])
            shown = {line.strip() for line in page.locator("body").inner_text().splitlines()}
            if found := sorted(shown & english):
                left[name] = found
    finally:
        product.speak("en")
    assert left == {}
