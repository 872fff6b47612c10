"""What certifying bodies keep: files of practitioners, applications, certificates, accreditations."""

import json
import random
from datetime import timedelta
from typing import Any

from benchmarks import plan
from benchmarks.cases import Register, text
from benchmarks.pens import Pen
from benchmarks.places import LONG_AGO, RECORD, write_member
from benchmarks.plan import Plan, uid

# Who waits at a body: the same number at each, however many there are.
WAITING = {"draft": 20, "submitted": 180, "under_review": 60, "reviewed": 40}
STATES = ["issued"] * 8 + ["suspended", "expired"]
EVIDENCE = json.dumps({"experience_hours": 1600, "ethics_code": True})
# The kinds of a number: none is given twice within one table.
APPLIED, OF_INSTITUTION, CERTIFIED, ACCREDITED, IN_LINE = 2, 3, 4, 5, 6


def write_accreditation(book: Register, number: int, kind: str, pen: Pen, status: str) -> None:
    """Of a provider for one kind of service, at all of its places, with the application behind it."""
    body = number % book.plan.bodies
    which = number * len(plan.SERVICE_KINDS) + plan.SERVICE_KINDS.index(kind)
    application = uid("institution", which)
    until, stepped = _until(book.plan, random.Random(f"accreditation {which}"), status)
    said = {"statement": "We apply for what we do.", "findings": "All was seen."}
    _application(book, pen, application, said, {
        "organization_id": uid("body", body), "number": plan.number_of(OF_INSTITUTION, which),
        "institution_id": uid("provider", number), "kind_id": uid("kind", f"{body} {kind}"),
        "submitted_by_id": plan.staff(number, 0), **_decided(body),
    })  # fmt: skip
    record = uid("accreditation", which)
    book.record("certification_accreditation", {
        **RECORD, "id": record, "created_by_id": uid("officer", body), "organization_id": uid("body", body),
        "number": plan.number_of(ACCREDITED, which), "status": status, "application_id": application,
        "institution_id": uid("provider", number), "kind_id": uid("kind", f"{body} {kind}"),
        "valid_from": "2024-01-01", "valid_until": until, "stepped_at": stepped,
    })  # fmt: skip
    if status == "suspended":
        _suspension(book, "accreditation", record, stepped)


def write_practitioner(book: Register, number: object, user: str, body: int, status: str, which: int) -> None:
    """A file, the application that was decided, and the certificate; `which` is a number of their own."""
    pen, person = _file(book, number, user, body)
    application = uid("decided", number)
    _application(book, pen, application, person, {
        "organization_id": uid("body", body), "number": plan.number_of(APPLIED, which),
        "practitioner_id": uid("file", number), "scheme_version_id": uid("scheme", body),
        "submitted_by_id": user, "scope_user_id": user, **_decided(body),
    })  # fmt: skip
    until, stepped = _until(book.plan, random.Random(f"certificate {number}"), status)
    record = uid("certificate", number)
    book.record("certification_certificate", {
        **RECORD, "id": record, "created_by_id": uid("officer", body), "organization_id": uid("body", body),
        "number": plan.number_of(CERTIFIED, which), "status": status, "application_id": application,
        "practitioner_id": uid("file", number), "scheme_version_id": uid("scheme", body),
        "valid_from": "2024-01-01", "valid_until": until, "stepped_at": stepped,
    })  # fmt: skip
    if status == "suspended":
        _suspension(book, "certificate", record, stepped)


def write_line(book: Register, body: int) -> None:
    """Who applied, and waits."""
    states = [status for status, count in WAITING.items() for _ in range(count)]
    for place, status in enumerate(states):
        number = f"{body}.{place}"
        user = uid("applicant", number)
        write_member(book.tables, book.names, user, "practitioner", uid("body", body))
        pen, person = _file(book, f"applicant {number}", user, body)
        said = person if status != "draft" else {"statement": person["statement"]}
        _application(book, pen, uid("waiting", number), said, {
            "organization_id": uid("body", body), "practitioner_id": uid("file", f"applicant {number}"),
            "number": plan.number_of(IN_LINE, body * len(states) + place),
            "scheme_version_id": uid("scheme", body), "scope_user_id": user, "created_by_id": user,
            **_waits(book.plan, place, status, user, body),
        })  # fmt: skip


def _waits(made: Plan, place: int, status: str, user: str, body: int) -> dict[str, object]:
    sent = text(made.now - timedelta(hours=5 * place + 1))
    row: dict[str, object] = {"status": status, "created_at": sent}
    if status != "draft":
        row |= {"submitted_at": sent, "submitted_by_id": user, "stepped_at": sent}
    if status in {"under_review", "reviewed"}:
        row |= {"review_started_at": text(made.now), "review_started_by_id": uid("examiner", body)}
    if status == "reviewed":
        row |= {"reviewed_at": text(made.now), "reviewed_by_id": uid("examiner", body)}
        row["recommendation"] = "approved"
    return row


def _file(book: Register, number: object, user: str, body: int) -> tuple[Pen, dict[str, Any]]:
    """A practitioner's file under a key of its own, and what their applications say of them."""
    chance = random.Random(f"file {number}")  # the same each time; nothing secret
    clues, birth = book.names.somebody(chance)
    person = {"legal_name": f"{clues.given_names} {clues.surnames}", "birth": birth}
    pen = book.keys.new(uid("key of file", number), uid("body", body), LONG_AGO)
    book.record("certification_practitioner", {
        **RECORD, "created_by_id": user, "organization_id": uid("body", body), "user_id": user,
        **pen.row("certification_practitioner", uid("file", number), person),
    })  # fmt: skip
    return pen, {**person, "statement": "I work with people who use drugs.", "evidence": json.loads(EVIDENCE)}


def _application(book: Register, pen: Pen, record: str, said: dict[str, Any], row: dict[str, Any]) -> None:
    shared = {**RECORD, "created_by_id": row.get("submitted_by_id"), "submitted_at": LONG_AGO}
    book.record("certification_application", {
        **shared, **row, **pen.row("certification_application", record, said),
    })  # fmt: skip


def _decided(body: int) -> dict[str, object]:
    """Reviewed by one, decided by another."""
    examiner, at = uid("examiner", body), LONG_AGO
    return {
        "status": "decided", "decision": "approved", "reason": "requirements_met",
        "recommendation": "approved", "review_started_at": at, "review_started_by_id": examiner,
        "reviewed_at": at, "reviewed_by_id": examiner, "decided_at": at, "stepped_at": at,
        "decided_by_id": uid("officer", body),
    }  # fmt: skip


def _until(made: Plan, chance: random.Random, status: str) -> tuple[str, str]:
    """The last day, and the day of the last step."""
    days = chance.randrange(100, 900)
    last = made.now + timedelta(days=-days // 10 if status == "expired" else days)
    return text(last.date()), text(made.now - timedelta(days=5))


def _suspension(book: Register, kind: str, record: str, at: str) -> None:
    book.tables.add(f"certification_{kind}suspension", {
        **RECORD, "id": uid("suspension", record), "from_day": at[:10], "reason": "complaint",
        "credential_id": record,
    })  # fmt: skip
