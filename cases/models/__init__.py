from cases.access import CaseGrant
from cases.models.cases import (
    URGENCY_KINDS,
    Assignment,
    Case,
    Enrolment,
    urgency_rank,
)
from cases.models.consents import Consent
from cases.models.details import Incident, Note, Party, SubstanceUse
from cases.models.documents import Document, DocumentSegment
from cases.models.emergencies import EmergencyAccess
from cases.models.erasures import Erasure, LegalHold
from cases.models.imports import ImportedRow
from cases.models.persons import ContactPoint, Person
from cases.models.search import NameCard, PersonTokens, RecordRequest
from cases.models.ties import Tie

__all__ = [
    "URGENCY_KINDS",
    "Assignment",
    "Case",
    "CaseGrant",
    "Consent",
    "ContactPoint",
    "Document",
    "DocumentSegment",
    "EmergencyAccess",
    "Enrolment",
    "Erasure",
    "ImportedRow",
    "Incident",
    "LegalHold",
    "NameCard",
    "Note",
    "Party",
    "Person",
    "PersonTokens",
    "RecordRequest",
    "SubstanceUse",
    "Tie",
    "urgency_rank",
]
