"""What a case tells: notes, what happened, others in it, what is used, documents, consents."""

from datetime import timedelta
from typing import Any

from benchmarks import words
from benchmarks.cases import One, Register, text
from benchmarks.pens import Pen, randomness
from benchmarks.plan import uid

CONSENT_KINDS = "{identity,contact,incident,risk}"
# A consent given now holds for a year, the longest that the state's law allows: the data set stays usable.
CONSENT_DAYS = 364


def write_details(book: Register, one: One, pen: Pen) -> None:
    _write_notes(book, one, pen)
    _write_incidents(book, one, pen)
    _write_parties(book, one, pen)
    _write_substances(book, one, pen)
    _write_documents(book, one, pen)


def _child(book: Register, one: One, pen: Pen, table: str, place: int, said: Any, **row: Any) -> None:
    record = uid(table, f"{one.number} {place}")
    at = row.pop("at", None)
    book.child(one, table, {**row, **pen.row(table, record, said)}, at)


def _sentences(one: One) -> str:
    return " ".join(one.chance.choices(words.SENTENCES, k=one.chance.choice((1, 2, 3, 4))))


def _write_notes(book: Register, one: One, pen: Pen) -> None:
    for place in range(one.many(0, 6, 10)):
        kind = "work" if one.bare else one.chance.choice(("work", "contact", "contact", "counselling"))
        column = "counselling_text" if kind == "counselling" else "text"
        said = {column: _sentences(one)}
        _child(book, one, pen, "cases_note", place, said, kind=kind, at=text(one.moment()))


def _write_incidents(book: Register, one: One, pen: Pen) -> None:
    if "victim" not in one.kinds:
        return
    for place in range(one.many(1, 1, 2)):
        said = {
            "occurred": text((one.opened - timedelta(days=one.chance.randrange(400))).date()),
            "place": one.chance.choice(words.STREETS),
            "narrative": _sentences(one),
        }
        one.told["incident"]["incidents"].append(said)
        _child(
            book, one, pen, "cases_incident", place, said,
            iccs_code=one.chance.choice(words.OFFENCES), region=book.plan.region_of(one.agency),
            violence_types=f"{{{one.chance.choice(words.VIOLENCE)}}}",
            violence_settings=f"{{{one.chance.choice(words.SETTINGS)}}}",
        )  # fmt: skip


def _write_parties(book: Register, one: One, pen: Pen) -> None:
    for place in range(one.many(0, 1, 2)):
        other = book.names.person(one.chance)
        said = {
            "name": f"{other.given_names} {other.surnames}",
            "details": one.chance.choice(words.SENTENCES),
        }
        tie = {"role": one.chance.choice(words.ROLES), "relationship": one.chance.choice(words.RELATIONS)}
        one.told["identity"]["parties"][str(place + 1)] = tie | {"name": said["name"]}
        _child(
            book, one, pen, "cases_party", place, said, **tie,
        )  # fmt: skip


def _write_substances(book: Register, one: One, pen: Pen) -> None:
    if "drug_dependence" not in one.kinds and not one.bare:
        return
    _child(
        book, one, pen, "cases_substanceuse", 0, {"first_used_at_age": str(one.chance.randint(12, 30))},
        rank=1, icd11_code=one.chance.choice(words.SUBSTANCES), route=one.chance.choice(words.ROUTES),
        frequency=one.chance.choice(words.FREQUENCIES),
    )  # fmt: skip


def _write_documents(book: Register, one: One, pen: Pen) -> None:
    """What is said of each. The files themselves are left out: no page that is measured opens one."""
    for place in range(one.many(0, 0, 3)):
        said = {
            "title": one.chance.choice(words.ENTITLED),
            "file_name": f"documento-{place}.pdf",
            "media_type": "application/pdf",
            "digest": randomness.take(32).hex(),
            "secret": randomness.take(32).hex(),
        }
        _child(
            book, one, pen, "cases_document", place, said,
            size=one.chance.randrange(10**4, 10**6), scope_made_at=one.opened_at,
        )  # fmt: skip


def write_consent(
    book: Register, one: One, pen: Pen, place: int, recipient: str, began: Any
) -> dict[str, Any]:
    """To who receives a referral; the row, as the packet needs its days."""
    row = {
        "given_by": "self", "evidence": "written", "language": "es", "text_version": "1",
        "recipient_id": recipient, "purpose": "referral", "kinds": CONSENT_KINDS,
        "valid_from": text(began.date()), "valid_until": text((began + timedelta(CONSENT_DAYS)).date()),
        **pen.row("cases_consent", uid("consent", f"{one.number} {place}"), {}),
    }  # fmt: skip
    book.child(one, "cases_consent", row, text(began))
    return row
