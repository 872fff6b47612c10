"""Who may read which rows, from the facts, in plain SQL as the owner: written apart from policies and
querysets.

Each question names the acting user's id `%(me)s`, and gives ids. A table that stands nowhere here shows the
named actors nothing.
"""

# Cases: assigned to me where I still work, or of a team that I supervise.
CASES = """
SELECT c.id FROM cases_case c
 WHERE EXISTS (SELECT FROM cases_assignment a WHERE a.case_id = c.id AND a.user_id = %(me)s AND a.ended_at IS
 NULL
               AND EXISTS (SELECT FROM victimcare_membership m
                            WHERE m.user_id = a.user_id AND m.organization_id = c.organization_id
                              AND m.role IN ('caseworker', 'supervisor') AND m.ended_at IS NULL))
    OR EXISTS (SELECT FROM victimcare_membership m WHERE m.user_id = %(me)s AND m.team_id = c.team_id
               AND m.role = 'supervisor' AND m.ended_at IS NULL)
"""
INBOX = """
SELECT m.organization_id FROM victimcare_membership m
 WHERE m.user_id = %(me)s AND m.role = 'provider' AND m.ended_at IS NULL
"""
REFERRALS = f"""
SELECT r.id FROM referrals_referral r
 WHERE r.case_id IN ({CASES}) OR r.received_case_id IN ({CASES})
    OR (r.sent_at IS NOT NULL AND r.receiver_id IN ({INBOX}))
"""
PACKETS = f"""
SELECT p.id FROM referrals_packet p
  JOIN referrals_referral r ON r.id = p.referral_id JOIN cases_consent c ON c.id = r.consent_id
 WHERE r.case_id IN ({CASES})
    OR (r.receiver_id IN ({INBOX}) AND r.status NOT IN ('draft', 'declined', 'expired', 'withdrawn')
        AND c.withdrawn_at IS NULL AND current_date BETWEEN c.valid_from AND c.valid_until)
"""
BODIES = """
SELECT m.organization_id FROM victimcare_membership m
 WHERE m.user_id = %(me)s AND m.role IN ('officer', 'examiner') AND m.ended_at IS NULL
"""
FILES = f"""
SELECT f.id FROM certification_practitioner f WHERE f.user_id = %(me)s OR f.organization_id IN ({BODIES})
"""
APPLICATIONS = f"""
SELECT a.id FROM certification_application a LEFT JOIN certification_practitioner f ON f.id =
a.practitioner_id
 WHERE f.user_id = %(me)s OR a.institution_id IN ({INBOX})
    OR (a.organization_id IN ({BODIES}) AND a.status <> 'draft')
"""
CHILDREN = ("assignment", "document", "enrolment", "incident", "party", "substanceuse")


def of_case(table: str) -> str:
    return f"SELECT t.id FROM {table} t WHERE t.case_id IN ({CASES})"


def history(table: str, rule: str, column: str = "id") -> str:
    """History rows have an id of their own; a record's rows go with the record."""
    return f"SELECT t.history_id FROM {table} t WHERE t.{column} IN ({rule})"


# Counselling notes are for whoever counsels in the case.
NOTES = f"""
SELECT n.id FROM cases_note n
 WHERE n.case_id IN ({CASES}) AND (n.kind <> 'counselling' OR EXISTS (
       SELECT FROM cases_assignment a
        WHERE a.case_id = n.case_id AND a.user_id = %(me)s AND a.counsels AND a.ended_at IS NULL))
"""
PERSONS = f"SELECT person_id FROM cases_case WHERE id IN ({CASES})"
ROWS = {
    "cases_case": CASES,
    "cases_person": PERSONS,
    "cases_contactpoint": f"SELECT id FROM cases_contactpoint WHERE person_id IN ({PERSONS})",
    **{f"cases_{name}": of_case(f"cases_{name}") for name in CHILDREN},
    "cases_note": NOTES,
    "cases_documentsegment": f"""
        SELECT s.id FROM cases_documentsegment s JOIN cases_document d ON d.id = s.document_id
         WHERE d.case_id IN ({CASES})""",
    "cases_consent": f"""
        SELECT c.id FROM cases_consent c WHERE c.case_id IN ({CASES}) OR c.id IN (
            SELECT r.consent_id FROM referrals_referral r WHERE r.sent_at IS NOT NULL AND r.id IN
            ({REFERRALS}))""",
    "referrals_referral": REFERRALS,
    "referrals_packet": PACKETS,
    "certification_practitioner": FILES,
    "certification_application": APPLICATIONS,
}
HISTORIES = {
    "cases_historicalcase": history("cases_historicalcase", CASES),
    "cases_historicalperson": history("cases_historicalperson", PERSONS),
    "cases_historicalnote": history("cases_historicalnote", NOTES),
    "cases_historicalcontactpoint": history("cases_historicalcontactpoint", PERSONS, "person_id"),
    **{
        f"cases_historical{name}": history(f"cases_historical{name}", CASES, "case_id")
        for name in (*CHILDREN, "consent")
    },
    # The receiver knows nothing of its time as a draft.
    "referrals_historicalreferral": f"""
        SELECT t.history_id FROM referrals_historicalreferral t
         WHERE t.case_id IN ({CASES}) OR t.received_case_id IN ({CASES})
            OR (t.sent_at IS NOT NULL AND t.receiver_id IN ({INBOX}))""",
    "certification_historicalpractitioner": history("certification_historicalpractitioner", FILES),
}
