"""What search before create finds people by, beyond one's own cases: keyed tokens that say almost nothing.

A token is cut from an HMAC-SHA256 under a key of the organisation's own, and so short that it leads to people
who have nothing in common, too: to a few name cards, which are opened and compared (cases/cards.py). One of
what belongs to one person (a number, a telephone) is the shortest, so that two who share it look like
strangers in a dump. A lone name has none, since it could be counted through. The two of a name and a year are
made of how the names begin, and of how they end: a wrong letter leaves one of these whole. Each is one of
several, drawn by lot, so that how often it is there tells nothing either (docs/adr/0008-search.md).
"""

import hmac
import secrets
from base64 import b32hexencode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from cases import cards
from cases.clues import Clues, clues_of, unique_texts
from cases.models import ContactPoint, NameCard, Person, PersonTokens
from cases.names import spelt, words_of
from victimcare import actions
from victimcare.encryption import keyring
from victimcare.models import Organization, SubjectKey
from victimcare.planned import Statement

# Letters of five bits each. The index knows four: a million beginnings, shared by many. What belongs to one
# person has no fifth.
LENGTH, SHORT, NO_FIFTH = 5, 4, "0"
# Each token of a name is one of so many.
LOTS = 4
NAMES_KEPT = 2
SURNAMES_KEPT = 3
LONGEST_HALF = 3
SHORT_HALF = 2
OWN, OF_STATE = "search", "search across the state"
# As `app.hold_search_keys` says them, and takes hold of none.
TO_ASK = Statement(
    """
SELECT ARRAY[own.search_key_id, own.subject_key_id, (
           SELECT keeper.subject_key_id FROM victimcare_stateregister register
             JOIN victimcare_organizationkey keeper ON keeper.organization_id = register.organization_id
            WHERE register.member_state_id = place.member_state_id AND register.retired_at IS NULL)]
  FROM victimcare_organizationkey own JOIN victimcare_organization place ON place.id = own.organization_id
 WHERE place.id = %s
""",
    [("place", None)],
)
TO_KEEP = Statement("SELECT app.hold_search_keys(%s)", [("place", None)])
KEEP = Statement(
    "SELECT app.keep_search(%s::uuid[], %s::text[], %s::bytea[], %s, %s::uuid[])",
    [(name, None) for name in ("persons", "tokens", "cards", "place", "keys")],
)

Pairs = Iterable[tuple[str, str]]


class Keys(NamedTuple):
    """Under which an organisation's search lies: the id of that of its name cards, the key of its tokens, and
    that of the register of its state, where the law of that has one. `ids` are of all three.
    """

    of_cards: UUID
    own: bytes
    register: bytes | None
    ids: list[UUID | None]


# Of each organisation, as this process last heard: when they are others by now, the database says so.
_heard: dict[UUID, Keys] = {}


def keep(person: Person) -> None:
    """Make a person's tokens and name card anew from what is known now. Called by the actions that change it.

    Two changes at once: the second waits, then reads what the first wrote. Only NO KEY: adding contacts holds
    the person's key already, and two of them would wait for each other. Raises SubjectErased.
    """
    known = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    # Nobody is erased until this ends: with a key that was fetched before, the names could still be read.
    keyring.key_for_new(known.subject_key_id)
    contacts = ContactPoint.objects.filter(person=known).current()
    if not keep_all([(known, contacts)], known.organization):
        forget(known)


def keep_all(people: Iterable[tuple[Person, Iterable[ContactPoint]]], organization: Organization) -> int:
    """Of persons of one organisation whom the acting user sees or has just made, with the ways to reach them:
    of how many. Of whom nothing is known that can be searched for, nothing is kept.
    """
    known = [(person.pk, clues_of(person, contacts)) for person, contacts in people]
    known = [(person_id, clues) for person_id, clues in known if clues.searchable]
    if known and not _kept_as_heard(known, organization):
        while not _kept(known, organization, keys := keys_of(organization, TO_KEEP)):
            pass
        _heard[organization.pk] = keys
    return len(known)


def _kept_as_heard(known: list[tuple[UUID, Clues]], organization: Organization) -> bool:
    """By the keys that this process heard of last, which are seldom others by now."""
    if organization.pk not in _heard:
        return False
    try:
        return _kept(known, organization, _heard[organization.pk])
    except SubjectKey.DoesNotExist:
        return False  # a renewal took it away, before it was ever used here


def _kept(known: list[tuple[UUID, Clues]], organization: Organization, keys: Keys) -> bool:
    """False, and nothing was done, where these are not the organisation's keys."""
    region, both = organization.member_state_id, list(filter(None, (keys.own, keys.register)))
    [(kept,)] = KEEP.rows({
        "persons": [person_id for person_id, _clues in known],
        "tokens": [" ".join(sorted(stored(clues, region, both))) for _person_id, clues in known],
        "cards": [cards.sealed(pk, cards.text_of(clues, region), keys.of_cards) for pk, clues in known],
        "place": organization.pk,
        "keys": keys.ids,
    })  # fmt: skip
    return bool(kept)


def forget(person: Person) -> None:
    """Search finds this person no more. Who changes them at the same moment comes first."""
    Person.objects.select_for_update(of=("self",), no_key=True).filter(pk=person.pk).first()
    PersonTokens.objects.filter(person=person).delete()
    NameCard.objects.filter(person=person).delete()


def keys_of(organization: Organization, question: Statement = TO_ASK) -> Keys:
    """Those under which search keeps its persons; made when they are first needed."""
    # None where it has none yet: no row, or an empty one.
    [(ids,)] = question.rows({"place": organization.pk}) or [(None,)]
    if not ids:
        actions.own_key(organization)
        return keys_of(organization, question)
    of_cards, own, register = ids
    return Keys(of_cards, _derived(own, OWN), _derived(register, OF_STATE) if register else None, ids)


@lru_cache(maxsize=4096)
def _derived(key_id: UUID, purpose: str) -> bytes:
    """Once per process: the key of an organisation is never made anew, or its tokens would lead nowhere."""
    return keyring.open_key(key_id).derived(purpose)


def stored(clues: Clues, region: str, keys: Iterable[bytes]) -> set[str]:
    """The tokens to be kept of somebody."""
    return {token for key in keys for token in _stored(clues, region, key)}


def asked(clues: Clues, region: str, key: bytes) -> set[str]:
    """The tokens by which somebody with these clues, or with names a letter away, is found."""
    texts: set[str] = set()
    for beginnings, endings in _asked_halves(clues):
        texts |= {f"{lot}|{text}" for text in _texts(clues, beginnings, endings) for lot in range(LOTS)}
    return {token_of(key, text) for text in texts} | _of_unique(clues, region, key)


def _stored(clues: Clues, region: str, key: bytes) -> Iterator[str]:
    yield from _of_unique(clues, region, key)
    for text in texts_of_names(clues):
        yield token_of(key, f"{secrets.randbelow(LOTS)}|{text}")


def _of_unique(clues: Clues, region: str, key: bytes) -> set[str]:
    return {token_of(key, text)[:SHORT] + NO_FIFTH for text in unique_texts(clues, region)}


def texts_of_names(clues: Clues) -> set[str]:
    """What tokens of names are made of: of each given name with each surname, with the year."""
    pairs = list(_pairs(clues))
    beginnings = [(_beginning(one), _beginning(other)) for one, other in pairs]
    endings = [(_ending(one), _ending(other)) for one, other in pairs]
    return _texts(clues, beginnings, endings)


def token_of(key: bytes, text: str) -> str:
    return b32hexencode(hmac.digest(key, text.encode(), "sha256")[:5])[:LENGTH].decode()


def _pairs(clues: Clues) -> Iterator[tuple[str, str]]:
    """Each given name, or what somebody is called, with each surname."""
    given = [*words_of(clues.given_names)[:NAMES_KEPT], *words_of(clues.known_as)[:1]]
    surnames = [spelt(surname) for surname in words_of(clues.surnames)[:SURNAMES_KEPT]]
    for name in dict.fromkeys(given):
        for surname in surnames:
            yield spelt(name), surname


def _texts(clues: Clues, beginnings: Pairs, endings: Pairs) -> set[str]:
    """In alphabetical order: given name and surname are often swapped."""
    return {
        "|".join((side, *sorted(pair), str(year)))
        for side, pairs in (("beginning", beginnings), ("ending", endings))
        for pair in pairs
        for year in clues.years
    }


def _asked_halves(clues: Clues) -> Iterator[tuple[Pairs, Pairs]]:
    """For each pair what either name may have begun and ended with before a letter went wrong in it."""
    for one, other in _pairs(clues):
        beginnings = {(half, _beginning(other)) for half in _beginnings(one)}
        endings = {(half, _ending(other)) for half in _endings(one)}
        yield (
            beginnings | {(_beginning(one), half) for half in _beginnings(other)},
            endings | {(_ending(one), half) for half in _endings(other)},
        )


def _half(length: int) -> int:
    """How many letters of a word its beginning and its ending have: never the same letters."""
    return max(1, min(LONGEST_HALF, length // 2))


def _beginning(word: str) -> str:
    return word[: _half(len(word))]


def _ending(word: str) -> str:
    return word[-_half(len(word)) :]


def _beginnings(word: str) -> set[str]:
    """Of the word as it is, with a letter more or less, and with its middle two in the other order."""
    half = _half(len(word))
    found = {word[: _half(len(word) + more)] for more in (-1, 0, 1)}
    return found | {word[: half - 1] + word[half]} if len(word) == 2 * half else found


def _endings(word: str) -> set[str]:
    """A long word may be two that are written together, of which the second is short: Anamaria, Dasilva."""
    found = {word[-_half(len(word) + more) :] for more in (-1, 0, 1)}
    return found | {word[-SHORT_HALF:]} if len(word) > 2 * LONGEST_HALF else found
