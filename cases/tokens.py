"""What search before create finds people by, beyond one's own cases: keyed tokens that say almost nothing.

A token is cut from an HMAC-SHA256 under a key of the organisation's own, and so short that it is shared by
people who have nothing in common: it leads to a few name cards, which are opened and compared
(cases/cards.py). A lone name has none, since it could be counted through. The two of a name and a year are
made of how the names begin, and of how they end: a wrong letter leaves one of these whole. Each is one of
several, drawn by lot, so that how often it is there tells nothing either (docs/adr/0008-search.md).
"""

import hmac
import secrets
from base64 import b32hexencode
from collections.abc import Iterable, Iterator
from typing import Any

from cases import cards
from cases.clues import Clues, clues_of, unique_texts
from cases.models import ContactPoint, NameCard, Person, PersonTokens
from cases.names import spelt, words_of
from victimcare import actions
from victimcare.encryption import keyring
from victimcare.models import Organization, OrganizationKey, StateRegister

# Letters of five bits each: a million different tokens.
LENGTH = 4
# Each token of a name is one of so many.
LOTS = 8
NAMES_KEPT = 2
SURNAMES_KEPT = 3
LONGEST_HALF = 3
SHORT_HALF = 2

Pairs = Iterable[tuple[str, str]]


def keep(person: Person) -> None:
    """Make a person's tokens and name card anew from what is known now. Called by the actions that change it.

    Two changes at once: the second waits, then reads what the first wrote. Only NO KEY: adding contacts holds
    the person's key already, and two of them would wait for each other.
    """
    known = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    tokens, made = made_for([(known, ContactPoint.objects.filter(person=known).current())])
    if not made:
        forget(known)
    store((tokens, made))


def forget(person: Person) -> None:
    """Search finds this person no more. Who changes them at the same moment comes first."""
    Person.objects.select_for_update(of=("self",), no_key=True).filter(pk=person.pk).first()
    PersonTokens.objects.filter(person=person).delete()
    NameCard.objects.filter(person=person).delete()


def made_for(
    people: Iterable[tuple[Person, Iterable[ContactPoint]]],
) -> tuple[list[PersonTokens], list[NameCard]]:
    """The unsaved tokens and cards of these persons of one organisation, with the ways to reach them. Of whom
    nothing is known that can be searched for, there are none.
    """
    tokens, made, keys = [], [], None
    for person, contacts in people:
        clues, region = clues_of(person, contacts), person.organization.member_state_id
        if not clues.searchable:
            continue
        keys = keys or keys_of(person.organization)
        tokens.append(PersonTokens(person=person, tokens=" ".join(sorted(stored(clues, region, keys)))))
        made.append(cards.made(person, cards.text_of(clues, region)))
    return tokens, made


def store(made: tuple[list[PersonTokens], list[NameCard]]) -> None:
    tokens, made_cards = made
    again: dict[str, Any] = {"update_conflicts": True, "unique_fields": ["person"]}
    PersonTokens.objects.bulk_create(tokens, update_fields=["tokens"], **again)
    NameCard.objects.bulk_create(made_cards, update_fields=["card"], **again)


def keys_of(organization: Organization) -> list[bytes]:
    """Those under which tokens of its persons are kept: its own, and the register's of its state, if any."""
    register = StateRegister.objects.running().filter(member_state=organization.member_state_id).first()
    return [own_key(organization), *([register_key(register)] if register else [])]


def own_key(organization: Organization) -> bytes:
    return _derived(organization, "search")


def register_key(register: StateRegister) -> bytes:
    return _derived(register.organization, "search across the state")


def _derived(organization: Organization, purpose: str) -> bytes:
    # Looked up before it is made: making it locks the organisation.
    found = OrganizationKey.objects.filter(organization=organization).first()
    key_id = found.subject_key_id if found else actions.own_key(organization).pk
    return keyring.open_key(key_id).derived(purpose)


def stored(clues: Clues, region: str, keys: Iterable[bytes]) -> set[str]:
    """The tokens to be kept of somebody."""
    return {token for key in keys for token in _stored(clues, region, key)}


def asked(clues: Clues, region: str, key: bytes) -> set[str]:
    """The tokens by which somebody with these clues, or with names a letter away, is found."""
    texts = set(unique_texts(clues, region))
    for beginnings, endings in _asked_halves(clues):
        texts |= {f"{lot}|{text}" for text in _texts(clues, beginnings, endings) for lot in range(LOTS)}
    return {token_of(key, text) for text in texts}


def _stored(clues: Clues, region: str, key: bytes) -> Iterator[str]:
    for text in unique_texts(clues, region):
        yield token_of(key, text)
    for text in texts_of_names(clues):
        yield token_of(key, f"{secrets.randbelow(LOTS)}|{text}")


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
    for name in dict.fromkeys(given):
        for surname in words_of(clues.surnames)[:SURNAMES_KEPT]:
            yield spelt(name), spelt(surname)


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
