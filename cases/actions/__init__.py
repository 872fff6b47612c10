"""Every write of the cases app."""

from cases.actions.assignments import assign, move, unassign
from cases.actions.children import was_retired
from cases.actions.consents import consent_withdrawn, record_consent, withdraw_consent
from cases.actions.departures import close_to_who_left
from cases.actions.documents import add_document
from cases.actions.emergencies import end_emergency, need_more, open_in_emergency, review_emergency
from cases.actions.erasures import (
    approve_erasure,
    ask_erasure,
    lift_legal_hold,
    person_erasing,
    refuse_erasure,
    set_legal_hold,
)
from cases.actions.intake import open_case
from cases.actions.persons import add_contact, change_contact, change_person, retire_contact
from cases.actions.records import (
    add_incident,
    add_note,
    add_party,
    add_substance,
    change_incident,
    change_party,
    change_substance,
    end_enrolment,
    enrol,
    retire,
)
from cases.actions.requests import answer_request, ask_for_record
from cases.actions.ties import (
    declare_tie,
    declare_tie_unseen,
    lift_tie,
    place_tied,
    record_place_tie,
    record_tie,
)
from cases.actions.workflow import (
    approve_closure,
    ask_closure,
    change_urgency,
    closure_blockers,
    hold_case,
    open_work,
    refuse_closure,
    reopen_case,
    resume_case,
)

__all__ = [
    "add_contact",
    "add_document",
    "add_incident",
    "add_note",
    "add_party",
    "add_substance",
    "answer_request",
    "approve_closure",
    "approve_erasure",
    "ask_closure",
    "ask_erasure",
    "ask_for_record",
    "assign",
    "change_contact",
    "change_incident",
    "change_party",
    "change_person",
    "change_substance",
    "change_urgency",
    "close_to_who_left",
    "closure_blockers",
    "consent_withdrawn",
    "declare_tie",
    "declare_tie_unseen",
    "end_emergency",
    "end_enrolment",
    "enrol",
    "hold_case",
    "lift_legal_hold",
    "lift_tie",
    "move",
    "need_more",
    "open_case",
    "open_in_emergency",
    "open_work",
    "person_erasing",
    "place_tied",
    "record_consent",
    "record_place_tie",
    "record_tie",
    "refuse_closure",
    "refuse_erasure",
    "reopen_case",
    "resume_case",
    "retire",
    "retire_contact",
    "review_emergency",
    "set_legal_hold",
    "unassign",
    "was_retired",
    "withdraw_consent",
]
