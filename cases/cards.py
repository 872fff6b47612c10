"""Name cards: what search compares of a person, in one encrypted blob, so that one is opened and not five.

A card is made by the actions that change the person. It lies under the person's own key: with that it is
gone. What is opened here is compared, and forgotten with the request.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from cases.clues import Clues, Likeness, unique_texts
from cases.models import NameCard, Person
from cases.names import apart, forms_of, spelt
from victimcare.encryption import bulk, keyring
from victimcare.encryption.ciphers import CARDS, Place, seal, unseal

# The cards of one's own cases; those that tokens lead to, in one's own organisations; and the same of others
# in a member state whose law has one register. The database gives no others, and nothing else of them.
MINE = "SELECT * FROM app.my_cards()"
ALIKE = "SELECT * FROM app.cards_alike(%s)"
OF_STATE = "SELECT * FROM app.cards_of_state(%s)"
APART, BETWEEN = "|", " "
MODEL, FIELD = "cases.NameCard", "card"


@dataclass(frozen=True, slots=True)
class Card:
    """The words of each part of a name, the possible years of birth, and marks of what belongs to one
    person.
    """

    given_names: list[str]
    surnames: list[str]
    known_as: list[str]
    years: set[int]
    marks: set[str]


def text_of(clues: Clues, region: str) -> str:
    """What a card says. Its marks are short digests: they can be compared, and say no number or address."""
    parts = (
        forms_of(clues.given_names),
        forms_of(clues.surnames),
        forms_of(clues.known_as),
        [str(year) for year in sorted(clues.years)],
        sorted(_marks(clues, region)),
    )
    return APART.join(BETWEEN.join(part) for part in parts)


def sealed_for(person: Person, text: str) -> bytes:
    """The card of a person, under their key."""
    key = keyring.key_for_new(person.subject_key_id)
    return _sealed(person.pk, key, person.subject_key_id, text.encode())


def _sealed(person_id: UUID, key: keyring.OpenKey, key_id: UUID, plain: bytes) -> bytes:
    return seal(key.cipher(CARDS), plain, Place(MODEL, FIELD, person_id), key_id, key.version)


def text_on(card: NameCard) -> str:
    """What one card says."""
    key, place = keyring.open_key(card.subject_key_id), Place(MODEL, FIELD, card.person_id)
    return unseal(key.cipher(CARDS), bytes(card.card), place, card.subject_key_id, key.version).decode()


def reseal(keys: Mapping[UUID, keyring.OpenKey]) -> None:
    """Cards of people whose keys are made anew: from what the present keys open, under these."""
    for card in NameCard.objects.filter(subject_key_id__in=list(keys)).select_for_update(no_key=True):
        key_id = card.subject_key_id
        card.card = _sealed(card.person_id, keys[key_id], key_id, text_on(card).encode())
        card.save(update_fields=["card"])


def read(text: str) -> Card:
    given_names, surnames, known_as, years, marks = (part.split() for part in text.split(APART))
    return Card(given_names, surnames, known_as, {int(year) for year in years}, set(marks))


def words_on(text: str) -> list[str]:
    """All words of the name, without reading the rest: for many cards."""
    return text.rsplit(APART, 2)[0].replace(APART, BETWEEN).split()


def mine() -> list[tuple[str, str]]:
    """The cards of the acting user's own cases, by the id of the person."""
    return _opened(MINE, [])


def found_by(tokens: Iterable[str], statement: str = ALIKE) -> Iterator[tuple[UUID, Card]]:
    for person_id, text in _opened(statement, [sorted(tokens)]):
        yield UUID(person_id), read(text)


def _opened(statement: str, asked: list[Any]) -> list[tuple[str, str]]:
    """Asked once more where a rotation ended meanwhile: by then they lie under the next key of the state."""
    try:
        return _opened_now(statement, asked)
    except keyring.StateKeyGone:
        return _opened_now(statement, asked)


def _opened_now(statement: str, asked: list[Any]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows = cursor.fetchall()
    return [(person_id, plain.decode()) for person_id, plain in bulk.opened(rows, MODEL, FIELD, CARDS)]


@dataclass(frozen=True, slots=True)
class Sought:
    """Clues as cards are compared with them: made once a search."""

    given_names: set[str]
    surnames: set[str]
    years: frozenset[int]
    marks: dict[str, Likeness]


def sought(clues: Clues, region: str) -> Sought:
    return Sought(
        _spelt(forms_of(clues.given_names)),
        _spelt(forms_of(clues.surnames)),
        clues.years,
        _marks(clues, region),
    )


def likenesses(sought: Sought, card: Card) -> set[Likeness]:
    """Why this may be somebody with these clues, beyond what free typing finds."""
    found = {sought.marks[mark] for mark in sought.marks.keys() & card.marks}
    if sought.years & card.years:
        letters = _letters_apart(sought, card)
        if letters == 0:
            found.add(Likeness.NAME_AND_YEAR)
        elif letters == 1:
            found.add(Likeness.SIMILAR_NAME_AND_YEAR)
    return found


def _letters_apart(sought: Sought, card: Card) -> int:
    """Of a given name and a surname together, in either order."""
    known, known_surnames = _spelt([*card.given_names, *card.known_as]), _spelt(card.surnames)
    return min(
        apart(sought.given_names, known) + apart(sought.surnames, known_surnames),
        apart(sought.given_names, known_surnames) + apart(sought.surnames, known),
    )


def _spelt(words: list[str]) -> set[str]:
    return {spelt(word) for word in words}


def _marks(clues: Clues, region: str) -> dict[str, Likeness]:
    texts = unique_texts(clues, region)
    return {hashlib.sha256(text.encode()).hexdigest()[:16]: likeness for text, likeness in texts.items()}
