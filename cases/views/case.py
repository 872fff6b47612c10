"""The case page: who it is, how to reach them safely, what may be done, its sections, its story."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import keeping, reads, sections, timeline
from cases.access import allows
from cases.models import Case, ContactPoint, EmergencyAccess, Person
from cases.views.base import CaseView
from cases.views.rows import born, row_of
from victimcare import audit, codelists
from victimcare.addresses import address
from victimcare.kinds import DataKind
from victimcare.models import User
from victimcare.models.logs import Action


@dataclass(frozen=True, slots=True)
class Verb:
    """A step as a button. `posts`: taken at once; else a page asks for words first."""

    name: str
    url_name: str
    label: Promise
    posts: bool = False


VERBS = (
    Verb("open", "cases:open", _("Begin work on the case"), posts=True),
    Verb("approve_closure", "cases:closure_approve", _("Approve the closure")),
    Verb("refuse_closure", "cases:closure_refuse", _("Do not approve")),
    Verb("resume", "cases:resume", _("Take it off hold"), posts=True),
    Verb("hold", "cases:hold", _("Put on hold"), posts=True),
    Verb("ask_closure", "cases:closure_ask", _("Ask to close")),
    Verb("reopen", "cases:reopen", _("Open again"), posts=True),
)


class CasePage(CaseView):
    def found(self) -> Case | None:
        return reads.case_seen(self.case_id, self.me)

    def emergency(self) -> EmergencyAccess | None:
        """The same, asked of the workers that the page has at hand."""
        works = any(one.user_id == self.me.pk for one in self.case.running_assignments)
        return None if works else super().emergency()

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        case = self.case
        row = row_of(case)
        shown = sections.sections_for(case, self.me)
        ways, entries = contacts(case, self.me), timeline.entries_for(case, self.me)
        audit.record(Action.READ, case, by=self.me, kinds=kinds_shown(ways, shown, entries))
        context = {
            "case": case,
            "row": row,
            "facts": facts(case),
            "contacts": ways,
            "verbs": verbs(case, self.me),
            "closed": case.status == Case.Status.CLOSED,
            "sections": [one for one in shown if not one.is_empty],
            "empty_sections": [one for one in shown if one.is_empty],
            "entries": timeline.shown(entries),
            "may_assign": allows(self.me, "cases.assign", case),
            "work": [(_("Team"), case.team.name), (_("Workers"), row.workers), (_("Opened"), row.opened)],
            "keeping": keeping.shown(case, self.me),
            "asked_by_me": case.status == Case.Status.CLOSING and case.closure_asked_by_id == self.me.pk,
        }
        return render(request, "cases/case.html", context)


def kinds_shown(
    ways: Sequence[Any], shown: Sequence[sections.ShownSection], entries: Sequence[timeline.Entry]
) -> set[DataKind]:
    """The head shows who it is; the timeline tells of contacts that were changed, also where none is left."""
    told = [*(one.kinds for one in shown), *(entry.kinds for entry in entries)]
    return {DataKind.IDENTITY}.union({DataKind.CONTACT} if ways else (), *told)


def facts(case: Case) -> list[tuple[Promise | str, str]]:
    """What is known of the person, label and value; an empty value is shown as not known."""
    person = case.person
    return [
        (_("Given names"), person.given_names),
        (_("Surnames"), person.surnames),
        (_("Born"), born(person)),
        (_("Gender"), codelists.get("gender").label(person.gender)),
        (
            _("Language to speak in"),
            codelists.get("language").label(person.language),
        ),
        (_("Region"), codelists.get("region").label(person.region)),
        (_("Identity document"), _document(person)),
        (_("Country of birth"), codelists.get("country").label(person.country_of_birth)),
        *background(person),
    ]


def background(person: Person) -> list[tuple[str, str]]:
    """What a file told of the person, under the titles of its code lists: education, work, household."""
    lists = ((codelists.get(list_id), code) for list_id, code in (person.background or {}).items())
    return [(codes.title(), codes.label(code)) for codes, code in lists]


def _document(person: Person) -> str:
    """Which document and its number, as far as they are known."""
    kind = codelists.get("identity-document").label(person.identity_document)
    return " ".join(part for part in (kind, person.identity_number) if part)


def contacts(case: Case, user: User) -> list[dict[str, Any]]:
    """Every way to reach the person with what is safe about it: never one without the other. The unsafe
    come last.
    """
    found = reads.contacts(case)
    order: list[str] = [*ContactPoint.Safety]
    kinds = codelists.get("contact-kind")
    return [
        {
            "kind_label": kinds.label(contact.contact_kind),
            "value": contact.value,
            "safety": contact.safety,
            "safety_label": contact.get_safety_display(),
            "may_leave_message": contact.may_leave_message,
            "rules": contact.rules,
            "edit_url": address("cases:contact_edit", case.pk, contact.pk),
        }
        for contact in sorted(found, key=lambda contact: (order.index(contact.safety), contact.created_at))
    ]


def verbs(case: Case, user: User) -> list[Verb]:
    """The steps that this user may take now. Who asked for a closure never decides on it."""
    mine = case.closure_asked_by_id == user.pk
    decisions = {"approve_closure", "refuse_closure"} if mine else set()
    return [verb for verb in VERBS if verb.name not in decisions and case.may(user, verb.name)]
