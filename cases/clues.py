"""What is known of somebody who is looked for, and of those who are found."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

import phonenumbers

from cases.models import ContactPoint, Person

PHONE = re.compile(r"[\d\s()+./-]{6,}")
# An age range wider than this says too little to be told apart by.
WIDEST_AGE_RANGE = 3


class Likeness(Enum):
    """Why a record was found; the order is that of weight."""

    IDENTITY_NUMBER = auto()
    PHONE = auto()
    EMAIL = auto()
    NAME_AND_YEAR = auto()
    SIMILAR_NAME_AND_YEAR = auto()
    SAME_NAME = auto()
    SIMILAR_NAME = auto()


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of somebody who is looked for. `years`: possible years of birth; `reached_at`:
    telephones, e-mail.
    """

    given_names: str = ""
    surnames: str = ""
    years: frozenset[int] = frozenset()
    identity_number: str = ""
    reached_at: tuple[str, ...] = ()
    known_as: str = ""

    @property
    def searchable(self) -> bool:
        """More is known than years."""
        return bool(
            self.given_names or self.surnames or self.known_as or self.identity_number or self.reached_at
        )


def clues_of(person: Person, contacts: Iterable[ContactPoint]) -> Clues:
    return Clues(
        given_names=person.given_names,
        surnames=person.surnames,
        years=frozenset(years_of(person)),
        identity_number=person.identity_number,
        reached_at=tuple(contact.value for contact in contacts),
        known_as=person.known_as,
    )


def years_of(person: Person) -> Iterable[int]:
    """The year of birth, or the few that an age told on a day leaves open; nothing where that is too wide."""
    if person.birth:
        return [person.birth.year]
    age = person.age
    if not age or age["to"] - age["from"] >= WIDEST_AGE_RANGE:
        return []
    told_in = int(str(age["on"])[:4])
    return range(told_in - age["to"] - 1, told_in - age["from"] + 1)


def unique_texts(clues: Clues, region: str) -> dict[str, Likeness]:
    """What belongs to one person, or to few, as it is written everywhere: number, telephone, e-mail."""
    texts: dict[str, Likeness] = {}
    for value in clues.reached_at:
        if "@" in value:
            texts[f"email|{value.strip().casefold()}"] = Likeness.EMAIL
        elif phone := _e164(value, region):
            texts[f"phone|{phone}"] = Likeness.PHONE
    if number := re.sub(r"[\W_]", "", clues.identity_number).upper():
        texts[f"identity|{number}"] = Likeness.IDENTITY_NUMBER
    return texts


def _e164(value: str, region: str) -> str:
    """A telephone number as it is dialled from anywhere; empty if it is none."""
    if not PHONE.fullmatch(value.strip()):
        return ""
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
