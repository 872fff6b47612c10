"""What an erasure looks at beyond the case: who was told about the person, and where others' cases name
them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from cases.clues import years_of
from cases.models import Case, LegalHold, Party, Person
from cases.names import words_of
from cases.ties import locked_cases
from victimcare import acting, audit
from victimcare.encryption import keyring
from victimcare.encryption.ciphers import Unreadable
from victimcare.kinds import DataKind
from victimcare.models import Organization, User
from victimcare.models.logs import Action

SIMILAR = 80
SAME = 100


@dataclass(frozen=True, slots=True)
class Recipient:
    """An organisation that was told something about the person: it holds a copy under its own keys.

    `running`: the disclosure is not at its end, and will be taken back.
    """

    organization: Organization
    at: datetime
    number: str
    kinds: tuple[str, ...]
    running: bool


Recipients = Callable[[Case], Iterable[Recipient]]

_recipients: list[Recipients] = []


def add_recipients(source: Recipients) -> None:
    """`source(case)` gives to whom this case was disclosed. A higher app names its own in `apps.py`."""
    _recipients.append(source)


def recipients_of(case: Case) -> list[Recipient]:
    """Oldest first. Whoever may see the case, or the certificate of its erasure, may see them."""
    told = (one for source in _recipients for one in source(case))
    return sorted(told, key=lambda one: (one.at, one.number))


def emptied(parties: list[UUID]) -> Iterable[tuple[UUID, UUID]]:
    """With which key each of these lies: `app.forget` emptied them, and their history."""
    return Party._base_manager.filter(pk__in=parties).values_list("pk", "subject_key_id")


@dataclass(frozen=True, slots=True)
class Named:
    """A record of another case of the organisation that may name the person, and why it may."""

    party_id: UUID
    case: Case
    reason: Promise


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was found in other cases, and how many records there could not be read and so not be compared.
    What is locked to who asks counts as that, so that another supervisor looks.
    """

    named: list[Named]
    unread: int


def named_elsewhere(case: Case, *, by: User) -> Elsewhere:
    """In all cases of the organisation, of whichever team: erasing does not end at a team's door. Of a case
    that `by` does not see, number and team are said, nothing else; of one that is locked to them, nothing
    but how much was not compared. What was found is logged.
    """
    person, locked = case.person, locked_cases(by)
    with acting.as_job("erasure"):
        named = Party.objects.filter(name__isnull=False, case__organization=case.organization_id).exclude(
            Q(case__person=person) | Q(case__erased_at__isnull=False)
        )
        hidden = named.filter(case__in=locked).count()
        others = named.exclude(case__in=locked).select_related("case__team", "case__organization")
        parties = list(others.order_by("case__number", "pk"))
        keyring.preload(parties)
        alike = [(party, _likeness_read(party, person)) for party in parties]
    unread = hidden + sum(score is None for _party, score in alike)
    found = [
        Named(party.pk, party.case, _reason(score)) for party, score in alike if score and score >= SIMILAR
    ]
    cases = {one.case.pk: one.case for one in found}
    audit.record_many(Action.SEARCH, cases.values(), by=by, kinds=[DataKind.IDENTITY])
    return Elsewhere(found, unread)


def _likeness_read(party: Party, person: Person) -> float | None:
    """None where the party cannot be read: one that was tampered with keeps nobody from being erased."""
    try:
        words_of(party.name)
    except (Unreadable, keyring.SubjectErased):
        return None
    return _likeness(party, person)


def kept_by_hold(parties: Iterable[UUID]) -> set[UUID]:
    """Those of these records whose cases a legal hold keeps as they are, of whichever team."""
    with acting.as_job("erasure"):
        held = LegalHold.objects.running().values("case")
        return set(Party.objects.filter(pk__in=list(parties), case__in=held).values_list("pk", flat=True))


def _likeness(party: Party, person: Person) -> float:
    """How like the party's name is to the person's (0-100), each of its words with the one that is most like
    it. Two different years of birth are two people.
    """
    wanted = words_of(party.name)
    known = words_of(f"{person.given_names} {person.surnames} {person.known_as}")
    if not (wanted and known) or _born_apart(party, person):
        return 0.0
    return sum(max(fuzz.ratio(word, other) for other in known) for word in wanted) / len(wanted)


def _born_apart(party: Party, person: Person) -> bool:
    years: Any = years_of(person)
    return bool(party.birth and years) and party.birth.year not in years


def _reason(score: float) -> Promise:
    return _("Same name") if score == SAME else _("Similar name")
