"""Every page of the product: who opens it in the demonstration, and with which record."""

from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.browser.product import Product

APPS = {"cases", "referrals", "certification"}

# With a second sign-in step, which they turn on in test_second_sign_in_step.
SECOND_STEP = {
    "mfa_activate_totp",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
}

# With a security key, or by a link: opened in test_keys.
WITH_A_KEY = {
    "invitation",
    "mfa_add_webauthn",
    "mfa_edit_webauthn",
    "mfa_list_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
}

# Addresses that answer GET with something else than a page to work on, and where they lead.
NOT_PAGES = {
    "healthz": "for machines",
    "leave": "leads out of the product; see test_keyboard",
    "mfa_download_recovery_codes": "a text file",
    "mfa_login_webauthn": "for the script of the sign-in page, and leads there",
    "session_end": "a button, and leads back to it",
    "sessions_end_others": "a button, and leads back to it",
    "breach_file": "a file for a spreadsheet",
    "cases:document": "a file to be kept",
    "referrals:places": "a form of the service's page, and leads there",
    **dict.fromkeys(
        (
            "cases:open",
            "cases:hold",
            "cases:resume",
            "cases:reopen",
            "cases:unassign",
            "cases:move",
            "cases:erasure_refuse",
            "cases:ask",
            "cases:request_answer",
            "cases:emergency_more",
            "cases:emergency_end",
        ),
        "a button, and leads back to it",
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`account` None: signed out. `record`: SQL of the values in the address, in their order."""

    account: str | None
    record: str = ""
    query: str = ""


def _case(status: str) -> str:
    return (
        "SELECT c.id FROM cases_case c JOIN cases_assignment a ON a.case_id = c.id AND a.ended_at IS NULL"
        " JOIN victimcare_user u ON u.id = a.user_id"
        f" WHERE u.username = 'caseworker' AND c.status = '{status}'"
        " ORDER BY c.opened_on DESC, c.id LIMIT 1"
    )


def _child(table: str, more: str = "") -> str:
    """A case of the caseworker in work, and a child of it."""
    return (
        f"SELECT child.case_id, child.id FROM cases_{table} child JOIN cases_case c ON c.id = child.case_id"
        " JOIN cases_assignment a ON a.case_id = c.id JOIN victimcare_user u ON u.id = a.user_id"
        f" WHERE u.username = 'caseworker' AND c.status = 'open' {more}"
        " ORDER BY child.created_at, child.id LIMIT 1"
    )


def _referral(status: str, column: str = "id") -> str:
    return (
        f"SELECT r.{column} FROM referrals_referral r JOIN victimcare_user u ON u.id = r.created_by_id"
        f" WHERE u.username = 'caseworker' AND r.status = '{status}' ORDER BY r.created_at LIMIT 1"
    )


def _erasure(status: str, column: str) -> str:
    return f"SELECT {column} FROM cases_erasure WHERE status = '{status}' ORDER BY asked_at LIMIT 1"


def _application(status: str) -> str:
    return f"SELECT id FROM certification_application WHERE status = '{status}' ORDER BY created_at LIMIT 1"


def _credential(table: str, status: str) -> str:
    return (
        f"SELECT c.id FROM certification_{table} c JOIN victimcare_organization o ON o.id = c.organization_id"
        f" WHERE c.status = '{status}' AND o.code = 'ar-cert' ORDER BY c.created_at LIMIT 1"
    )


OPEN_CASE, CONTACT = (
    _case("open"),
    "SELECT c.id, p.id FROM cases_contactpoint p JOIN cases_case c ON c.person_id = p.person_id"
    f" WHERE c.id = ({_case('open')}) LIMIT 1",
)
OWN_OFFER = (
    "SELECT l.id FROM referrals_serviceatlocation l JOIN referrals_service s ON s.id = l.service_id"
    " JOIN victimcare_organization o ON o.id = s.organization_id WHERE"
    " o.code = 'ar-ceibos' AND s.kind = 'shelter'"
)
MEMBER = (
    "SELECT m.id FROM victimcare_membership m JOIN victimcare_user u ON u.id = m.user_id"
    " WHERE u.username = 'auditor'"
)
SOUTHERN = (
    "SELECT c.id FROM cases_case c JOIN victimcare_team t ON t.id = c.team_id"
    " WHERE t.name = 'Sur' AND c.erased_at IS NULL ORDER BY c.opened_on, c.id LIMIT 1"
)
EMERGENCY = "SELECT id FROM cases_emergencyaccess WHERE reviewed_at IS NULL ORDER BY opened_at LIMIT 1"
HELD = "SELECT case_id FROM cases_legalhold WHERE lifted_at IS NULL LIMIT 1"
WORKER, BOSS, STAFF, OFFICER, EXAMINER = "caseworker", "supervisor", "provider", "officer", "examiner"

PAGES = {
    "home": Entry(WORKER),
    "account_login": Entry(None),
    "account_logout": Entry(WORKER),
    "account_inactive": Entry(None),
    "account_signup": Entry(None),
    "account_reauthenticate": Entry(WORKER),
    "account_change_password": Entry(WORKER),
    "mfa_index": Entry(WORKER),
    "sessions": Entry(WORKER),
    "access_log": Entry("auditor"),
    "breach": Entry("auditor"),
    "cases:caseload": Entry(WORKER),
    "cases:search": Entry(WORKER),
    "cases:log_search": Entry("auditor"),
    "cases:log": Entry("auditor", _case("open")),
    "cases:intake": Entry(WORKER),
    "cases:case": Entry(WORKER, _referral("accepted", "case_id")),
    "cases:person_edit": Entry(WORKER, OPEN_CASE),
    "cases:contact_add": Entry(WORKER, OPEN_CASE),
    "cases:contact_edit": Entry(WORKER, CONTACT),
    "cases:contact_retire": Entry(WORKER, CONTACT),
    "cases:assign": Entry(BOSS, OPEN_CASE),
    "cases:party_add": Entry(WORKER, OPEN_CASE),
    "cases:party_edit": Entry(WORKER, _child("party")),
    "cases:party_retire": Entry(WORKER, _child("party")),
    "cases:incident_add": Entry(WORKER, OPEN_CASE),
    "cases:incident_edit": Entry(WORKER, _child("incident")),
    "cases:incident_retire": Entry(WORKER, _child("incident")),
    "cases:substance_add": Entry(WORKER, OPEN_CASE),
    "cases:substance_edit": Entry(WORKER, _child("substanceuse")),
    "cases:substance_retire": Entry(WORKER, _child("substanceuse")),
    "cases:note_add": Entry(WORKER, OPEN_CASE),
    "cases:notes": Entry(WORKER, OPEN_CASE),
    "cases:note_correct": Entry(WORKER, _child("note")),
    "cases:document_add": Entry(WORKER, OPEN_CASE),
    "cases:document_retire": Entry(WORKER, _child("document")),
    "cases:enrol": Entry(WORKER, OPEN_CASE),
    "cases:enrolment_end": Entry(WORKER, _child("enrolment", "AND child.ended_on IS NULL")),
    "cases:consent_add": Entry(WORKER, OPEN_CASE),
    "cases:consent_withdraw": Entry(WORKER, _child("consent", "AND child.withdrawn_at IS NULL")),
    "cases:urgency": Entry(WORKER, OPEN_CASE),
    "cases:closure_ask": Entry(WORKER, OPEN_CASE),
    "cases:closure_approve": Entry(BOSS, _case("closing")),
    "cases:closure_refuse": Entry(BOSS, _case("closing")),
    "cases:legal_hold": Entry(BOSS, OPEN_CASE),
    "cases:legal_hold_lift": Entry(
        BOSS, "SELECT case_id FROM cases_legalhold WHERE lifted_at IS NULL LIMIT 1"
    ),
    "cases:erasure_ask": Entry(WORKER, OPEN_CASE),
    "cases:erasure_approve": Entry(BOSS, _erasure("asked", "case_id")),
    "cases:requests": Entry(BOSS),
    "cases:emergency_find": Entry(WORKER),
    "cases:emergency": Entry(WORKER, SOUTHERN),
    "cases:emergencies": Entry("privacy"),
    "cases:emergency_review": Entry("privacy", EMERGENCY),
    "cases:ties": Entry(BOSS, "SELECT case_id FROM cases_tie LIMIT 1"),
    "cases:tie_declare": Entry(WORKER, OPEN_CASE),
    "cases:tie_record": Entry(BOSS, OPEN_CASE),
    "cases:tie_place": Entry(BOSS, OPEN_CASE),
    "cases:tie_lift": Entry(BOSS, "SELECT case_id, id FROM cases_tie WHERE lifted_at IS NULL LIMIT 1"),
    "cases:erasures": Entry(BOSS),
    "cases:certificate": Entry(BOSS, _erasure("approved", "id")),
    "referrals:directory": Entry(WORKER),
    "referrals:service_add": Entry(STAFF),
    "referrals:service": Entry(STAFF, OWN_OFFER),
    "referrals:service_edit": Entry(STAFF, OWN_OFFER),
    "referrals:candidates": Entry(WORKER, _referral("declined", "case_id"), "?service_kind=shelter"),
    "referrals:draft": Entry(WORKER, f"SELECT ({_referral('declined', 'case_id')}), ({OWN_OFFER})"),
    "referrals:mine": Entry(WORKER),
    "referrals:inbox": Entry(STAFF),
    "referrals:referral": Entry(WORKER, _referral("draft")),
    "referrals:packet": Entry(STAFF, _referral("accepted")),
    "referrals:tie": Entry(STAFF, _referral("accepted")),
    "referrals:withdraw": Entry(WORKER, _referral("waitlisted")),
    "referrals:decline": Entry(STAFF, _referral("received")),
    "referrals:complete": Entry(STAFF, _referral("in_progress")),
    "referrals:not_complete": Entry(STAFF, _referral("in_progress")),
    "referrals:open_case": Entry(STAFF, _referral("accepted")),
    "notifications:list": Entry(WORKER),
    "notifications:choices": Entry(WORKER),
    "work:list": Entry("admin"),
    "members:list": Entry("admin"),
    "members:add": Entry("admin"),
    "members:end": Entry("admin", MEMBER),
    "members:invite": Entry("admin"),
    "members:account": Entry("admin", MEMBER),
    "members:disable": Entry("admin", MEMBER),
    "members:enable": Entry("admin", MEMBER),
    "members:reset_factor": Entry("admin", MEMBER),
    "members:invite_again": Entry("admin", MEMBER),
    "members:withdraw": Entry("admin", MEMBER),
    "certification:mine": Entry("practitioner"),
    "certification:apply": Entry("practitioner"),
    "certification:apply_for_institution": Entry(STAFF),
    "certification:queue": Entry(EXAMINER),
    "certification:application": Entry(EXAMINER, _application("submitted")),
    "certification:evidence": Entry(STAFF, _application("draft")),
    "certification:submit": Entry(STAFF, _application("draft")),
    "certification:review": Entry(EXAMINER, _application("under_review")),
    "certification:decide": Entry(OFFICER, _application("reviewed")),
    "certification:register": Entry(OFFICER),
    "certification:register_certificates": Entry(OFFICER),
    "certification:schemes": Entry(OFFICER),
    "certification:accreditation": Entry(OFFICER, _credential("accreditation", "issued")),
    "certification:accreditation_suspend": Entry(OFFICER, _credential("accreditation", "issued")),
    "certification:accreditation_reinstate": Entry(OFFICER, _credential("accreditation", "suspended")),
    "certification:accreditation_revoke": Entry(OFFICER, _credential("accreditation", "issued")),
    "certification:certificate": Entry(OFFICER, _credential("certificate", "issued")),
    "certification:certificate_suspend": Entry(OFFICER, _credential("certificate", "issued")),
    "certification:certificate_reinstate": Entry(OFFICER, _credential("certificate", "suspended")),
    "certification:certificate_revoke": Entry(OFFICER, _credential("certificate", "issued")),
}


def answering_get() -> set[str]:
    """The name of every address of the product whose view answers GET."""
    return set(_names(get_resolver().url_patterns, ""))


def _names(patterns: list[URLPattern | URLResolver], space: str) -> list[str]:
    found: list[str] = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += _names(one.url_patterns, f"{one.namespace}:" if one.namespace else space)
        elif hasattr(getattr(one.callback, "view_class", one.callback), "get") or not _is_class(one):
            found.append(f"{space}{one.name}")
    return found


def _is_class(pattern: URLPattern) -> bool:
    return hasattr(pattern.callback, "view_class")


def address(product: Product, name: str) -> str:
    """The page's address with the record that its entry names."""
    entry = PAGES[name]
    values = list(product.execute(entry.record)[0]) if entry.record else []
    return reverse(name, args=values) + entry.query
