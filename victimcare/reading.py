"""The access log as people read it: who saw what, when, from which organisation. Never a name of who is
served.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from victimcare import access, acting
from victimcare.kinds import DataKind
from victimcare.models import AccessEntry, Membership, Seal, User
from victimcare.models.logs import ENTRANCES, AccessEntryQuerySet, Action
from victimcare.words import moment_words

Reference = tuple[str, str]
References = Callable[[User, set[UUID]], dict[UUID, Reference]]

# What a line is about, in words: a model's label -> words. Each app names its own.
_objects: dict[str, str | Promise] = {"victimcare.AccessEntry": _("access log")}
_references: list[References] = []


def name_objects(words: dict[str, str | Promise]) -> None:
    _objects.update(words)


def add_references(source: References) -> None:
    """`source(reader, subject_key_ids)` gives (number, address or nothing) of the records that this reader
    may have named, by subject key.
    """
    _references.append(source)


def accounts_for(reader: User) -> list[User]:
    """The accounts whose log the reader may read: of an auditor's member states, of a supervisor's teams."""
    states = access.states_with(reader, "victimcare.audit")
    teams = access.teams_with(reader, "victimcare.watch_team")
    people = set(Membership.objects.active().filter(team__in=teams).values_list("user_id", flat=True))
    with acting.as_job("audit"):
        audited = Membership.objects.filter(organization__member_state__in=states)
        people.update(audited.values_list("user_id", flat=True))
    return list(User.objects.filter(pk__in=people).order_by("name", "pk"))


def of_person(record: Any) -> AccessEntryQuerySet:
    """The lines about one person in one organisation, of a record that the reader was found to be allowed."""
    return AccessEntry.objects.of_subject(record.subject_key_id, record.organization_id)


def shown(entries: Sequence[AccessEntry], reader: User) -> list[dict[str, Any]]:
    """For the table of the design system: texts only, and the number of the case where the reader may know
    it.
    """
    places = _places(entries)
    numbers = _numbers(entries, reader)
    return [
        {
            "at": moment_words(entry.at),
            "who": str(entry.by or gettext("the installation itself")),
            "place": places.get(entry.pk, ""),
            "did": did(entry),
            "kinds": _kinds(entry),
            "number": numbers.get(entry.subject_key_id, ("", ""))[0],
            "url": numbers.get(entry.subject_key_id, ("", ""))[1],
        }
        for entry in entries
    ]


def did_to(action: str, label: str) -> str:
    """As "read: note"."""
    said = capfirst(str(Action(action).label))
    what = "" if action in ENTRANCES else _objects.get(label) or _own_words(label)
    return f"{said}: {what}" if what else said


def did(entry: AccessEntry) -> str:
    """As "read: note"; a list without a person says how many rows it had."""
    words = did_to(entry.action, entry.object_label)
    return f"{words} ({entry.rows})" if entry.object_id is None and entry.rows else words


def _kinds(entry: AccessEntry) -> str:
    if entry.action in ENTRANCES:
        return ""
    return kinds_in_words(entry.kinds) or gettext("none, only that it exists")


def kinds_in_words(kinds: Iterable[str]) -> str:
    held = set(kinds)
    return ", ".join(str(kind.label) for kind in DataKind if kind in held)


def sealed_until(chain: str) -> datetime | None:
    """When the newest seal of a member state was made: what came later can still be changed unseen."""
    newest = Seal.objects.filter(chain=chain).order_by("-number").values_list("sealed_at", flat=True)
    return newest.first()


def sealed_in_words(states: Iterable[str]) -> str:
    """The oldest of the newest seals of these member states."""
    ends = [sealed_until(state) for state in states]
    if not ends or None in ends:
        return gettext("Not sealed yet.")
    oldest = min(end for end in ends if end)
    moment = moment_words(oldest)
    return gettext("Sealed until %(moment)s: what was changed or taken out before that would be found.") % {
        "moment": moment
    }


def _own_words(label: str) -> str:
    return str(apps.get_model(label)._meta.verbose_name) if label else ""


def _places(entries: Sequence[AccessEntry]) -> dict[UUID, str]:
    """Where each line's user worked at that time."""
    users = {entry.by_id for entry in entries}
    with acting.as_job("log"):
        found = list(
            Membership.objects.filter(user__in=users).select_related("organization").order_by("started_at")
        )
    return {
        entry.pk: ", ".join(dict.fromkeys(one.organization.name for one in found if _worked(one, entry)))
        for entry in entries
    }


def _worked(one: Membership, entry: AccessEntry) -> bool:
    """Then, and in the member state of the line: where else they work is nobody's business here."""
    return (
        one.user_id == entry.by_id
        and one.organization.member_state_id == entry.member_state_id
        and one.started_at <= entry.at
        and (one.ended_at is None or entry.at < one.ended_at)
    )


def _numbers(entries: Sequence[AccessEntry], reader: User) -> dict[Any, Reference]:
    keys = {entry.subject_key_id for entry in entries if entry.subject_key_id}
    found: dict[Any, Reference] = {}
    for source in _references:
        found |= source(reader, keys)
    return found
