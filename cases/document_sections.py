"""What the case page shows of its documents, and what the timeline tells of them."""

from collections.abc import Iterable
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases import reads
from cases.access import may_see_documents
from cases.models import Case, Document
from cases.sections import add_section
from cases.timeline import Entry, add_source
from victimcare.addresses import address
from victimcare.kinds import DataKind
from victimcare.models import User


def register() -> None:
    """Called once, from `cases.apps`."""
    add_section(
        "cases/sections/documents.html",
        documents,
        order=55,
        title=_("Documents"),
        kinds=[DataKind.DOCUMENTS],
        add=_("Add a document"),
        empty=_("No documents or pictures yet."),
    )
    add_source(told)


def documents(case: Case, user: User) -> dict[str, Any]:
    closed = case.status == Case.Status.CLOSED
    return {
        "rows": [row(document) for document in _documents(case, user)],
        "add_url": "" if closed else address("cases:document_add", case.pk),
        "closed": closed,
    }


def row(document: Document) -> dict[str, Any]:
    kind, ids = document.kind, [document.case_id, document.pk]
    return {
        "title": document.title,
        "file_name": document.file_name,
        "facts": [capfirst(str(kind.label)) if kind else "", filesizeformat(document.size)],
        "added": gettext("added on %(day)s by %(who)s")
        % {
            "day": date_format(timezone.localtime(document.created_at), "SHORT_DATE_FORMAT"),
            "who": document.created_by or "",
        },
        "details": document.details,
        "url": address("cases:document", *ids),
        "retire_url": address("cases:document_retire", *ids),
    }


def told(case: Case, user: User) -> Iterable[Entry]:
    """That one was added, not what it is: that has a place of its own."""
    for document in _documents(case, user):
        yield Entry(document.created_at, str(document.created_by or ""), _("Document added"), "note")


def _documents(case: Case, user: User) -> list[Document]:
    """The newest first; none to whom this kind of data is not shown."""
    return case.read_once("documents", lambda: _read(case, user))


def _read(case: Case, user: User) -> list[Document]:
    held = reads.documents(case)
    return held if held and may_see_documents(user, case) else []
