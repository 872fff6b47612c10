"""Name cards: what search compares of a person, in one encrypted blob, so that one is opened and not five.

A card is made by the actions that change the person, and taken away when they are erased. All cards of an
organisation lie under one key of its own, so that fifty thousand are opened while somebody types: so they are
backed up with the keys, and in no backup that outlives an erasure (docs/adr/0012-name-cards.md). What is
opened here is compared, and forgotten with the request.
"""

import hashlib
import struct
from binascii import hexlify
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db import connection, transaction

from cases.clues import Clues, Likeness, unique_texts
from cases.models import NameCard
from cases.names import apart, forms_of, spelt
from victimcare.encryption import ciphers, keyring
from victimcare.encryption.ciphers import Place, Unreadable, seal
from victimcare.planned import Statement

# The cards of one's own cases; those that tokens lead to, in one's own organisations; and the same of others
# in a member state whose law has one register. The database gives no others, and nothing else of them.
MINE = Statement("SELECT * FROM app.my_cards()", [])
ALIKE = Statement("SELECT * FROM app.cards_alike(%s::text[])", [("tokens", None)])
OF_STATE = Statement("SELECT * FROM app.cards_of_state(%s::text[])", [("tokens", None)])
APART, BETWEEN = "|", " "
MODEL, FIELD, PURPOSE = "cases.NameCard", "card", "name cards"
# In front of each card: its length, and the id of its person.
PLACED = struct.Struct(">I16s")
RESEALED_AT_ONCE = 5000


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


@lru_cache(maxsize=4096)
def _key(key_id: UUID) -> keyring.OpenKey:
    """Once per process: such a key is never changed, a renewal makes another."""
    return keyring.open_key(key_id)


def sealed(person_id: UUID, text: str, key_id: UUID) -> bytes:
    """The card of a person, under a key of their organisation's search. Raises SubjectKey.DoesNotExist where
    a renewal took that one away.
    """
    key = _key(key_id)
    return seal(key.cipher(PURPOSE), text.encode(), Place(MODEL, FIELD, person_id), key_id, key.version)


def packed(person_id: UUID, card: bytes) -> bytes:
    """A card as the database gives them: several under one key are one behind the other."""
    return PLACED.pack(len(card), person_id.bytes) + card


def opened(rows: Iterable[tuple[str, bytes | memoryview]]) -> Iterator[tuple[bytes, str]]:
    """The bytes of persons' ids with what their cards say, from keys and the packed cards under each: as
    `unseal`, without making fifty thousand places of them. Raises Unreadable where one was changed or moved.
    """
    column = ciphers.column(MODEL, FIELD)
    for key_id, cards in rows:
        key, all_cards, end = _key(UUID(key_id)), bytes(cards), 0
        cipher, header, suffix = key.cipher(PURPOSE), key.header, ciphers.under(UUID(key_id), key.version)
        while end < len(all_cards):
            if len(all_cards) - end < PLACED.size:
                raise Unreadable
            length, person = PLACED.unpack_from(all_cards, end)
            begin = end + PLACED.size
            end = begin + length
            bound_to = column + hexlify(person) + suffix
            yield person, ciphers.opened(cipher, all_cards[begin:end], bound_to, header).decode()


def reseal(before: UUID, after: UUID) -> None:
    """All cards under one key come to lie under another, while others work: what is being written, later."""
    last = None
    while batch := _resealed(before, after, last):
        last = batch


@transaction.atomic
def _resealed(before: UUID, after: UUID, last: UUID | None) -> UUID | None:
    """Of the next batch behind a person; the last of it."""
    rows = NameCard.objects.filter(subject_key=before).order_by("pk")
    rows = rows.filter(pk__gt=last) if last else rows
    batch = list(rows.select_for_update(no_key=True, skip_locked=True)[:RESEALED_AT_ONCE])
    if not batch:
        return None
    said = opened([(str(before), b"".join(packed(card.pk, bytes(card.card)) for card in batch))])
    persons = [(UUID(bytes=person), text) for person, text in said]
    sealed_anew = [(after, sealed(person, text, after), person) for person, text in persons]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE cases_namecard SET subject_key_id = %s, card = %s WHERE person_id = %s", sealed_anew
        )
    return batch[-1].pk


def unreadable() -> Iterator[str]:
    """For `manage.py keys check`: cards that were changed past the product, as their owner."""
    cards = NameCard.objects.order_by("pk")
    batch = list(cards[:RESEALED_AT_ONCE])
    while batch:
        with keyring.held():
            yield from (f"{one._meta.label} {one.pk}" for one in batch if not _opens(one))
        batch = list(cards.filter(pk__gt=batch[-1].pk)[:RESEALED_AT_ONCE])


def _opens(card: NameCard) -> bool:
    try:
        list(opened([(str(card.subject_key_id), packed(card.pk, bytes(card.card)))]))
    except Unreadable:
        return False
    return True


def read(text: str) -> Card:
    given_names, surnames, known_as, years, marks = (part.split() for part in text.split(APART))
    return Card(given_names, surnames, known_as, {int(year) for year in years}, set(marks))


def name_on(text: str) -> str:
    """All words of the name, without reading the rest: for many cards."""
    return text.rsplit(APART, 2)[0].replace(APART, BETWEEN)


def mine() -> list[tuple[bytes, str]]:
    """The cards of the acting user's own cases, each with the bytes of its person's id."""
    return list(opened(MINE.rows({})))


def found_by(tokens: Iterable[str], statement: Statement = ALIKE) -> Iterator[tuple[UUID, Card]]:
    for person_id, text in opened(statement.rows({"tokens": sorted(tokens)})):
        yield UUID(bytes=person_id), read(text)


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
    """Of a given name and a surname together, in either order; 2 or more for more than one."""
    known, known_surnames = _spelt([*card.given_names, *card.known_as]), _spelt(card.surnames)
    orders = ((known, known_surnames), (known_surnames, known))
    return min(_both_apart(sought, given_names, surnames) for given_names, surnames in orders)


def _both_apart(sought: Sought, given_names: set[str], surnames: set[str]) -> int:
    # Most strangers have at most one name in common: the surnames are not looked at where the other differs.
    one = apart(sought.given_names, given_names)
    return one if one > 1 else one + apart(sought.surnames, surnames)


def _spelt(words: list[str]) -> set[str]:
    return {spelt(word) for word in words}


def _marks(clues: Clues, region: str) -> dict[str, Likeness]:
    texts = unique_texts(clues, region)
    return {hashlib.sha256(text.encode()).hexdigest()[:16]: likeness for text, likeness in texts.items()}
