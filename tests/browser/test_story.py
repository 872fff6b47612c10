"""The main job, as five people: from the first search to the approved closure; a provider is suspended."""

import re
from dataclasses import dataclass

import psycopg2
import pytest
from playwright.sync_api import Page, expect

from tests.browser import leaks
from tests.browser.conftest import SignIn
from tests.browser.product import Product
from tests.browser.steps import follow, press, submit

# What is typed about invented people. None of it may be found in a dump.
GIVEN, SURNAMES = "Zoraida Milagros", "Ñancupil Quirogarte"
MOBILE = "+54 351 555 0147"
RULES = "Decir que llama la ferretería Zubizarreta"
NARRATIVE = "La esperó junto al puente Xochimilquense y le quitó el teléfono."
PLACE = "Pasaje Tlatelolcano 77"
PERPETRATOR = "Wenceslao Krzyżanowicz"
REQUEST = "Necesita llegar antes de que vuelva del viaje a Yapeyuense."
COUNSELLING = "Habló por primera vez de Oaxtepecana."
CLOSING_WORDS = "Se mudó con su hermana Quetzalinda."
TYPED = (
    GIVEN, "Zoraida", SURNAMES, "Quirogarte", MOBILE, "3515550147", "555 0147", RULES, "Zubizarreta",
    NARRATIVE, "Xochimilquense", PLACE, "Tlatelolcano", PERPETRATOR, "Wenceslao", REQUEST, "Yapeyuense",
    COUNSELLING,
    "Oaxtepecana", CLOSING_WORDS, "Quetzalinda",
)  # fmt: skip


@dataclass
class Case:
    """The sender's case page, as an address."""

    url: str


def open_case(page: Page) -> Case:
    """Search first; then intake, which knows what was typed."""
    page.goto("/cases/search/")
    page.fill("[name=given_names]", GIVEN)
    page.fill("[name=surnames]", SURNAMES)
    press(page, "Search")
    press(page, "No match? Open a new case")
    expect(page.locator("[name=given_names]")).to_have_value(GIVEN)
    assert "Zoraida" not in page.url
    page.fill("[name=birth]", "1991-04")
    page.select_option("[name=gender]", "woman")
    page.select_option("[name=contacts-0-contact_kind]", "mobile")
    page.fill("[name=contacts-0-value]", MOBILE)
    page.select_option("[name=contacts-0-safety]", "with_care")
    page.fill("[name=contacts-0-rules]", RULES)
    page.check("[name=enrolments][value=victim]")
    submit(page)
    expect(page.locator("h1")).to_have_text(f"{GIVEN} {SURNAMES}")
    return Case(page.url)


def write_down(page: Page, case: Case) -> None:
    """Begin the work; what happened, who did it, a counselling note."""
    press(page, "Begin work on the case")
    page.goto(f"{case.url}incidents/")
    page.select_option("[name=iccs_code]", "02011")
    page.fill("[name=narrative]", NARRATIVE)
    page.fill("[name=place]", PLACE)
    submit(page)
    page.goto(f"{case.url}parties/")
    page.select_option("[name=role]", "alleged_perpetrator")
    page.fill("[name=name]", PERPETRATOR)
    submit(page)
    page.goto(f"{case.url}notes/")
    page.check("[name=kind][value=counselling]")
    page.fill("[name=text]", COUNSELLING)
    submit(page)
    expect(page.get_by_text(NARRATIVE)).to_be_visible()


def find_provider(page: Page, case: Case) -> None:
    page.goto(case.url.replace("/cases/", "/referrals/cases/") + "candidates/")
    page.select_option("[name=service_kind]", "shelter")
    press(page, "Find providers")


def refer(page: Page, case: Case) -> str:
    """Candidates, consent, draft, send: returns the referral's address."""
    find_provider(page, case)
    candidate = page.locator("article", has_text="Casa Los Ceibos")
    expect(candidate).to_contain_text("ccredited")
    follow(candidate.get_by_role("link", name=re.compile("^Refer here")))
    press(page, "Record a consent", role="link")
    give_consent(page)
    page.fill("[name=request]", REQUEST)
    page.locator("[name=consent]").first.check()
    submit(page)
    expect(page.get_by_text(NARRATIVE)).to_be_visible()
    expect(page.get_by_text(COUNSELLING)).to_have_count(0)
    press(page, "Send referral")
    return page.url


def give_consent(page: Page) -> None:
    page.select_option("[name=given_by]", "self")
    page.select_option("[name=evidence]", "written")
    for kind in ("identity", "contact", "incident", "risk"):
        page.locator(f"[name=kinds][value={kind}]").check()
    for kind in ("counselling", "substance", "health", "documents"):
        expect(page.locator(f"[name=kinds][value={kind}]")).not_to_be_checked()
    submit(page)


def accept(page: Page, number: str) -> None:
    """The provider reads the packet from the inbox, accepts and opens a case of its own for a colleague."""
    page.goto("/referrals/inbox/")
    follow(page.get_by_role("link", name=number))
    press(page, "Read the packet", role="link")
    expect(page.get_by_text(NARRATIVE)).to_be_visible()
    expect(page.get_by_text(RULES)).to_be_visible()
    expect(page.get_by_text(COUNSELLING)).to_have_count(0)
    press(page, "Referral", role="link")
    press(page, "Accept referral")
    press(page, "Open your own case", role="link")
    page.select_option("[name=worker]", index=1)
    if not page.locator("[name=enrolments][value=victim]").is_checked():
        page.check("[name=enrolments][value=victim]")
    submit(page)


def report_outcome(page: Page, referral: str) -> None:
    page.goto(referral)
    press(page, "Work has begun")
    press(page, "Report the outcome", role="link")
    page.select_option("[name=outcome]", "provided")
    submit(page)


def close(worker: Page, supervisor: Page, case: Case) -> None:
    worker.goto(f"{case.url}closure/")
    worker.select_option("[name=closure_reason]", "goals_reached")
    worker.fill("[name=words]", CLOSING_WORDS)
    submit(worker)
    expect(worker.get_by_text("closure to be approved").first).to_be_visible()
    expect(worker.get_by_role("button", name="Approve the closure")).to_have_count(0)
    supervisor.goto(f"{case.url}closure/approve/")
    submit(supervisor)
    supervisor.goto(case.url)
    expect(supervisor.locator("h1 ~ *, main").get_by_text("closed", exact=True).first).to_be_visible()


@pytest.fixture(scope="module")
def referral_number() -> re.Pattern[str]:
    return re.compile(r"[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]")


def test_main_job_from_end_to_end(
    sign_in: SignIn, product: Product, referral_number: re.Pattern[str]
) -> None:
    caseworker = sign_in("caseworker")
    case = open_case(caseworker)
    write_down(caseworker, case)
    referral = refer(caseworker, case)
    number = referral_number.search(caseworker.locator("h1").inner_text())
    assert number is not None

    provider = sign_in("provider")
    accept(provider, number.group())

    receiver = sign_in("caseworker_shelter")
    receiver.goto("/cases/")
    follow(receiver.get_by_role("row", name=re.compile(SURNAMES)).get_by_role("link"))
    expect(receiver.locator("h1")).to_have_text(f"{GIVEN} {SURNAMES}")
    expect(receiver.get_by_text(MOBILE)).to_be_visible()
    expect(receiver.get_by_text(RULES)).to_be_visible()
    assert receiver.url != case.url

    report_outcome(provider, referral)
    caseworker.goto(referral)
    expect(caseworker.get_by_text("completed").first).to_be_visible()
    for other in (provider, receiver):
        answer = other.goto(case.url)
        assert answer is not None
        assert answer.status == 404
    close(caseworker, sign_in("supervisor"), case)

    content = leaks.dump(product.owner_url)
    assert len(content) > 100_000
    assert leaks.found(content, TYPED) == []
    log = product.log.read_bytes()
    assert b"/referrals/" in log
    assert leaks.found(log, TYPED) == []
    plant_clear_text(product)
    assert leaks.found(leaks.dump(product.owner_url), TYPED)
    pull_clear_text(product)


def plant_clear_text(product: Product) -> None:
    """A column in clear, as a careless developer would add one: the search for leaks has to turn red."""
    product.execute("CREATE TABLE planted (nickname text)")
    product.execute("INSERT INTO planted VALUES (%s)", [GIVEN])


def pull_clear_text(product: Product) -> None:
    product.execute("DROP TABLE planted")


def suspend(officer: Page) -> None:
    officer.goto("/certification/register/")
    officer.fill("[name=words]", "Casa Los Ceibos")
    press(officer, "Search")
    row = officer.get_by_role("row", name=re.compile("Casa Los Ceibos")).filter(
        has_text=re.compile("[Ss]helter|refug")
    )
    follow(row.get_by_role("link"))
    press(officer, "Suspend", role="link")
    officer.locator("select[name=reason]").select_option("safety")
    submit(officer)


def reinstate(officer: Page) -> None:
    press(officer, "Reinstate", role="link")
    officer.locator("select[name=reason]").select_option("corrected")
    submit(officer)


def test_provider_that_was_suspended_is_not_offered_and_not_sent_to(
    sign_in: SignIn, product: Product
) -> None:
    """Refused by the page, by the action behind an old page, and by the database."""
    caseworker = sign_in("caseworker")
    [(case_id, offer_id, draft_id)] = product.execute(
        "SELECT r.case_id, r.service_at_location_id, r.id FROM referrals_referral r"
        " JOIN victimcare_user u ON u.id = r.created_by_id"
        " WHERE r.status = 'draft' AND u.username = 'caseworker' LIMIT 1"
    )
    caseworker.goto(f"/referrals/{draft_id}/")
    expect(caseworker.get_by_role("button", name="Send referral")).to_be_visible()

    officer = sign_in("officer")
    suspend(officer)

    press(caseworker, "Send referral")
    expect(caseworker.get_by_text(re.compile("not accredited"))).to_be_visible()
    find_provider(caseworker, Case(f"{product.url}/cases/{case_id}/"))
    offered = caseworker.locator("a", has_text=re.compile("Refer here.*Casa Los Ceibos"))
    expect(offered).to_have_count(0)
    assert str(offer_id) not in caseworker.locator("main").inner_html().split("vc-fold")[0]
    with pytest.raises(psycopg2.errors.CheckViolation, match="not accredited"):
        product.execute(
            "UPDATE referrals_referral SET status = 'sent', sent_at = now(), sent_by_id = created_by_id"
            " WHERE id = %s",
            [draft_id],
            as_user="caseworker",
        )

    reinstate(officer)
    caseworker.reload()
    expect(offered).to_have_count(1)
