"""What the case page shows of the record, and what the timeline tells of it: rows of texts, made in Python.

All of it hangs on one case that the user sees, under one subject key. What section and timeline both tell
of is read once: this instance of the case remembers it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases import reads
from cases.models import Case, Consent, ContactPoint, Enrolment, Incident, Note, Party, SubstanceUse
from cases.models.cases import CaseChild
from cases.sections import add_section
from cases.timeline import Entry, add_source
from victimcare import codelists
from victimcare.addresses import address
from victimcare.kinds import DataKind
from victimcare.models import User
from victimcare.paging import SIZE, key_page
from victimcare.words import moment_words

NOTES_ON_THE_CASE = 5

Shown = dict[str, Any]


def register() -> None:
    """Called once, from `cases.apps`."""
    for section in SECTIONS:
        add_section(**section)
    add_source(told_notes)
    add_source(told_consents)
    add_source(told_contacts)


def parties(case: Case, user: User) -> Shown:
    return _section(case, "party_add", [party_row(party) for party in reads.parties(case)])


def party_row(party: Party) -> Shown:
    return {
        "name": party.name or _("Name not known"),
        "facts": _joined(
            [
                codelists.get("party-role").label(party.role),
                codelists.get("relationship").label(party.relationship),
                codelists.get("gender").label(party.gender),
                gettext("born %(date)s") % {"date": party.birth} if party.birth else "",
            ]
        ),
        "details": party.details,
        "url": address("cases:party_edit", party.case_id, party.pk),
    }


def incidents(case: Case, user: User) -> Shown:
    return _section(case, "incident_add", [incident_row(one) for one in reads.incidents(case)])


def incident_row(incident: Incident) -> Shown:
    types, settings = codelists.get("violence-type"), codelists.get("violence-setting")
    return {
        "title": codelists.get("iccs").label(incident.iccs_code)
        if incident.iccs_code
        else _("Not classified"),
        "code": incident.iccs_code,
        "note": codelists.get("iccs").label(incident.iccs_code).note,
        "when": str(incident.occurred or gettext("date not known")),
        "where": _joined([codelists.get("region").label(incident.region), incident.place]),
        "kinds": _joined([types.label(one) for one in incident.violence_types]),
        "settings": _joined([settings.label(one) for one in incident.violence_settings]),
        "narrative": incident.narrative,
        "url": address("cases:incident_edit", incident.case_id, incident.pk),
    }


def substances(case: Case, user: User) -> Shown:
    return _section(case, "substance_add", [substance_row(use) for use in reads.substances(case)])


def substance_row(use: SubstanceUse) -> Shown:
    return {
        "title": codelists.get("icd11-substances").label(use.icd11_code),
        "code": use.icd11_code,
        "note": codelists.get("icd11-substances").label(use.icd11_code).note,
        "facts": _joined(
            [
                codelists.get("substance-route").label(use.route),
                codelists.get("substance-frequency").label(use.frequency),
                gettext("first used at %(age)s") % {"age": use.first_used_at_age}
                if use.first_used_at_age
                else "",
            ]
        ),
        "details": use.details,
        "url": address("cases:substance_edit", use.case_id, use.pk),
    }


def consents(case: Case, user: User) -> Shown:
    return _section(case, "consent_add", [consent_row(consent) for consent in reads.consents(case)])


def consent_row(consent: Consent) -> Shown:
    kind, label = consent_status(consent, timezone.localdate())
    return {
        "recipient": consent.recipient.name,
        "facts": _joined([codelists.get("consent-purpose").label(consent.purpose), _kinds(consent)]),
        "status_kind": kind,
        "status": label,
        "may_withdraw": consent.withdrawn_at is None,
        "url": address("cases:consent_withdraw", consent.case_id, consent.pk),
    }


def consent_status(consent: Consent, today: date) -> tuple[str, str]:
    """Status kind of the design system, and the words."""
    days = {"from": _day(consent.valid_from), "until": _day(consent.valid_until)}
    if consent.withdrawn_at:
        return "bad", gettext("withdrawn on %(day)s") % {
            "day": _day(timezone.localdate(consent.withdrawn_at))
        }
    if today > consent.valid_until:
        return "neutral", gettext("ended on %(until)s") % days
    if today < consent.valid_from:
        return "wait", gettext("from %(from)s until %(until)s") % days
    return "good", gettext("until %(until)s") % days


def consent_facts(consent: Consent) -> list[tuple[Promise, Any]]:
    return [
        (_("Who may receive it"), consent.recipient.name),
        (_("What for"), codelists.get("consent-purpose").label(consent.purpose)),
        (_("What may be shared"), _kinds(consent)),
        (_("From"), _day(consent.valid_from)),
        (_("Until"), _day(consent.valid_until)),
        (
            _("Given by"),
            _joined([codelists.get("consent-giver").label(consent.given_by), consent.giver_name]),
        ),
        (_("How it is evidenced"), codelists.get("consent-evidence").label(consent.evidence)),
        (_("Now"), capfirst(consent_status(consent, timezone.localdate())[1])),
    ]


def notes(case: Case, user: User) -> Shown:
    """The newest notes; `all_url` where there are more."""
    newest = reads.newest_notes(case, user)
    shown = _section(case, "note_add", [])
    shown |= note_rows(newest[:NOTES_ON_THE_CASE])
    more = len(newest) > NOTES_ON_THE_CASE
    return shown | {"all_url": address("cases:notes", case.pk) if more else ""}


def notes_page(case: Case, user: User, request: HttpRequest) -> Shown:
    """The page of notes that the request asks for, newest first."""
    page = key_page(_notes(case, user), request, by=reads.NEWEST_FIRST)
    closed = case.status == Case.Status.CLOSED
    return note_rows(page.rows) | page.urls(request) | {"closed": closed}


def note_rows(notes: Iterable[Note]) -> Shown:
    """Rows, the kinds of data in them, whether the notice against passing on belongs above them, and the
    notes for the access log.
    """
    notes = list(notes)
    kinds = set().union(*(note.kinds_held for note in notes))
    return {
        "rows": [note_row(note) for note in notes],
        "counselling": DataKind.COUNSELLING in kinds,
        "kinds": kinds,
        "notes": notes,
    }


def note_row(note: Note) -> Shown:
    corrected = note.corrects
    return {
        "kind": capfirst(note.get_kind_display()),
        "text": note.shown_text,
        "who": str(note.created_by or ""),
        "at": _moment(note),
        "corrects": gettext("Corrects the note of %(day)s") % {"day": _moment(corrected)}
        if corrected
        else "",
        "url": address("cases:note_correct", note.case_id, note.pk),
    }


def closure(case: Case, user: User) -> Shown:
    """What a supervisor needs to decide on a closure: who asked for it, why, and the newest notes."""
    asked_by = case.closure_asked_by
    newest = note_rows(reads.newest_notes(case, user)[:NOTES_ON_THE_CASE])
    return {
        "facts": [
            (_("Asked for by"), str(asked_by or "")),
            (_("Reason"), codelists.get("closure-reason").label(case.closure_reason)),
        ],
        "asked_by_me": asked_by == user,
        "notes": newest["rows"],
        "counselling": newest["counselling"],
        "kinds": newest["kinds"],
    }


def enrolments(case: Case, user: User) -> Shown:
    return _section(case, "enrol", [_enrolment_row(enrolment) for enrolment in case.told_enrolments])


def _enrolment_row(enrolment: Enrolment) -> Shown:
    days = {"from": _day(enrolment.started_on), "until": _day(enrolment.ended_on or enrolment.started_on)}
    running = enrolment.ended_on is None
    words = gettext("since %(from)s") if running else gettext("from %(from)s until %(until)s")
    return {
        "kind": capfirst(enrolment.get_kind_display()),
        "when": words % days,
        "end_url": address("cases:enrolment_end", enrolment.case_id, enrolment.pk) if running else "",
    }


# -- Timeline ------------------------------------------------------------------------------------------------


def told_notes(case: Case, user: User) -> Iterable[Entry]:
    """That a note was written, not what it says: the words have a place of their own. The newest ones."""
    newest = reads.newest_notes(case, user)
    for note in newest[:SIZE]:
        text = gettext("Note: %(kind)s") % {"kind": note.get_kind_display()}
        yield Entry(note.created_at, str(note.created_by or ""), text, "note")
    if len(newest) > SIZE:
        url = address("cases:notes", case.pk)
        yield Entry(
            newest[SIZE].created_at, "", _("This note and older ones are on the page of notes"), "note", url
        )


def told_consents(case: Case, user: User) -> Iterable[Entry]:
    for consent in reads.consents(case):
        who = {"recipient": consent.recipient.name}
        url = address("cases:consent_withdraw", case.pk, consent.pk)
        given = gettext("Consent to share with %(recipient)s") % who
        yield Entry(consent.created_at, str(consent.created_by or ""), given, "consent", url)
        if consent.withdrawn_at:
            ended = gettext("Consent to share with %(recipient)s withdrawn") % who
            yield Entry(consent.withdrawn_at, str(consent.withdrawn_by), ended, "stop", url)


def told_contacts(case: Case, user: User) -> Iterable[Entry]:
    """That what is safe was changed, and by whom. The contacts themselves are shown with their rules only."""
    kinds, safety = codelists.get("contact-kind"), dict(ContactPoint.Safety.choices)
    for row in reads.contact_changes(case):
        words = (
            gettext("Contact taken away: %(kind)s")
            if row.retired_at
            else gettext("Contact changed: %(kind)s")
        )
        text = words % {"kind": kinds.label(row.contact_kind)}
        yield Entry(
            row.history_date,
            str(row.history_user or ""),
            text,
            "contact",
            detail=safety[row.safety],
            kinds=frozenset({DataKind.CONTACT}),
        )


# -- Shared --------------------------------------------------------------------------------------------------


def _section(case: Case, add: str, rows: Sequence[Shown]) -> Shown:
    """`add_url` is empty where nothing can be added: a closed case."""
    closed = case.status == Case.Status.CLOSED
    return {
        "rows": rows,
        "add_url": "" if closed else address(f"cases:{add}", case.pk),
        "closed": closed,
    }


def _notes(case: Case, user: User) -> Any:
    found = Note.objects.visible_in(case, user)
    return found.select_related("created_by", "corrects").order_by(*reads.NEWEST_FIRST)


def _kinds(consent: Consent) -> str:
    return _joined([DataKind(kind).label for kind in consent.kinds])


def _joined(parts: Iterable[Any]) -> str:
    return ", ".join(str(part) for part in parts if part)


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _moment(child: CaseChild) -> str:
    return moment_words(child.created_at)


SECTIONS: tuple[dict[str, Any], ...] = (
    {
        "template": "cases/sections/notes.html",
        "context": notes,
        "order": 10,
        "title": _("Notes"),
        "kinds": [DataKind.INCIDENT],
        "add": _("Write a note"),
        "empty": _("No notes yet."),
    },
    {
        "template": "cases/sections/incidents.html",
        "context": incidents,
        "order": 20,
        "title": _("What happened"),
        "kinds": [DataKind.INCIDENT],
        "add": _("Add what happened"),
        "empty": _("Nothing is recorded yet. Nobody has to tell it to be helped."),
    },
    {
        "template": "cases/sections/parties.html",
        "context": parties,
        "order": 30,
        "title": _("Others in the case"),
        "kinds": [DataKind.IDENTITY, DataKind.RISK, DataKind.INCIDENT],
        "add": _("Add somebody"),
        "empty": _("Nobody else is recorded. Nobody has to be."),
    },
    {
        "template": "cases/sections/consents.html",
        "context": consents,
        "order": 40,
        "title": _("Consents"),
        "kinds": [DataKind.IDENTITY],
        "add": _("Record a consent"),
        "empty": _("No consent yet: nothing may be shared with another organisation."),
    },
    {
        "template": "cases/sections/substances.html",
        "context": substances,
        "order": 60,
        "title": _("Substance use"),
        "kinds": [DataKind.SUBSTANCE],
        "add": _("Add a substance"),
        "empty": _("No substance is recorded."),
    },
    {
        "template": "cases/sections/enrolments.html",
        "context": enrolments,
        "order": 70,
        "title": _("Kinds of case"),
        "add": _("Add a kind of case"),
    },
)
