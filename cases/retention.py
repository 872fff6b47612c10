"""How long what is kept here, and what the fields are of what is no record. See docs/data-protection.md."""

from victimcare.field_register import SECRET, STAFF, Kept, Table
from victimcare.kinds import ADMINISTRATIVE, DataKind

KEPT = {
    "cases.Person": Kept.PERSON,
    "cases.ContactPoint": Kept.PERSON,
    "cases.Case": Kept.PERSON,
    "cases.Enrolment": Kept.PERSON,
    "cases.Assignment": Kept.PERSON,
    "cases.EmergencyAccess": Kept.PERSON,
    "cases.Consent": Kept.PERSON,
    "cases.Party": Kept.PERSON,
    "cases.Incident": Kept.PERSON,
    "cases.SubstanceUse": Kept.PERSON,
    "cases.Note": Kept.PERSON,
    "cases.Document": Kept.PERSON,
    "cases.LegalHold": Kept.PERSON,
    "cases.Erasure": Kept.PERSON,
    "cases.ImportedRow": Kept.PERSON,
    "cases.Tie": Kept.PERSON,
    "cases.RecordRequest": Kept.WORK,
}
TABLES = {
    "cases.CaseGrant": Table(Kept.PASSING, {STAFF: "user", ADMINISTRATIVE: "id permission content_object"}),
    "cases.DocumentSegment": Table(
        Kept.PERSON, {DataKind.DOCUMENTS: "blob", ADMINISTRATIVE: "id document position"}
    ),
    "cases.PersonTokens": Table(Kept.PERSON, {SECRET: "tokens", ADMINISTRATIVE: "person"}),
    "cases.NameCard": Table(Kept.PERSON, {SECRET: "card", ADMINISTRATIVE: "person subject_key"}),
}
