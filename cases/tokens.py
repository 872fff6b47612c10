"""What search before create finds people by, beside their names: keyed tokens of what tells people apart.

A token is an HMAC-SHA256 under a key of the organisation's own. A lone name has none: it could be counted
through.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

import phonenumbers

from cases.models import ContactPoint, Person, PersonToken
from victimcare import actions
from victimcare.encryption import keyring
from victimcare.models import Organization, OrganizationKey

PARTICLES = frozenset(
    [
        "a",
        "da",
        "das",
        "de",
        "del",
        "di",
        "do",
        "dos",
        "du",
        "des",
        "e",
        "el",
        "la",
        "las",
        "los",
        "van",
        "von",
        "y",
    ]
)
PHONE = re.compile(r"[\d\s()+./-]{6,}")
# An age range wider than this says too little to be told apart by.
WIDEST_AGE_RANGE = 3
# Words of three letters and less are not misspelt by a letter, they are other words.
SHORTEST_MISSPELT = 4
NAMES_COMPARED = 3


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


def words_of(name: str) -> list[str]:
    """The words of a name without case, accents and particles: "María de los Ángeles" gives maria,
    angeles.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = re.findall(r"[^\W\d_]+", re.sub(r"['’`]", "", bare))
    return [word for word in words if word not in PARTICLES] or words


def clues_of(person: Person, contacts: Iterable[ContactPoint]) -> Clues:
    return Clues(
        given_names=person.given_names,
        surnames=person.surnames,
        years=frozenset(years_of(person)),
        identity_number=person.identity_number,
        reached_at=tuple(contact.value for contact in contacts),
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


def made_for(person: Person, contacts: Iterable[ContactPoint]) -> list[PersonToken]:
    """The unsaved tokens of a person."""
    found = tokens(clues_of(person, contacts), person.organization)
    return [PersonToken(organization=person.organization, person=person, token=token) for token in found]


def keep(person: Person) -> None:
    """Make a person's tokens anew from what is known now. Called by the actions that change it.

    Two changes at once: the second waits, then reads what the first wrote. Only NO KEY: adding contacts holds
    the person's key already, and two of them would wait for each other.
    """
    known = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    contacts = ContactPoint.objects.filter(person=known).current()
    PersonToken.objects.filter(person=known).delete()
    PersonToken.objects.bulk_create(made_for(known, contacts), ignore_conflicts=True)


def forget(person: Person) -> None:
    """Search finds this person no more."""
    PersonToken.objects.filter(person=person).delete()


def tokens(clues: Clues, organization: Organization) -> dict[bytes, Likeness]:
    """Each token of the clues and what it would mean to find it."""
    key = _search_key(organization)
    return {
        hmac.digest(key, text.encode(), "sha256"): likeness
        for text, likeness in _texts(clues, organization.member_state_id).items()
    }


def _search_key(organization: Organization) -> bytes:
    # Looked up before it is made: making it locks the organisation.
    found = OrganizationKey.objects.filter(organization=organization).first()
    key_id = found.subject_key_id if found else actions.own_key(organization).pk
    return keyring.open_key(key_id).derived("search")


def _texts(clues: Clues, region: str) -> dict[str, Likeness]:
    texts = dict.fromkeys(_misspelt_compounds(clues), Likeness.SIMILAR_NAME_AND_YEAR)
    texts |= {"|".join(parts): Likeness.NAME_AND_YEAR for parts in _compounds(clues)}
    for value in clues.reached_at:
        if "@" in value:
            texts[f"email|{value.strip().casefold()}"] = Likeness.EMAIL
        elif phone := _e164(value, region):
            texts[f"phone|{phone}"] = Likeness.PHONE
    if number := re.sub(r"[\W_]", "", clues.identity_number).upper():
        texts[f"identity|{number}"] = Likeness.IDENTITY_NUMBER
    return texts


def _compounds(clues: Clues) -> Iterator[tuple[str, str, str]]:
    """Each given name with each surname and year. In alphabetical order: given name and surname are often
    swapped.
    """
    for given in words_of(clues.given_names)[:NAMES_COMPARED]:
        for surname in words_of(clues.surnames)[:NAMES_COMPARED]:
            first, second = sorted((given, surname))
            yield from ((first, second, str(year)) for year in clues.years)


def _misspelt_compounds(clues: Clues) -> Iterator[str]:
    """The compounds with one letter left out: two that share one of these differ by about one letter."""
    for first, second, year in _compounds(clues):
        yield from (f"{word}|{second}|{year}" for word in _without_a_letter(first))
        yield from (f"{first}|{word}|{year}" for word in _without_a_letter(second))


def _without_a_letter(word: str) -> Iterator[str]:
    if len(word) >= SHORTEST_MISSPELT:
        yield from (word[:place] + word[place + 1 :] for place in range(len(word)))


def _e164(value: str, region: str) -> str:
    """A telephone number as it is dialled from anywhere; empty if it is none."""
    if not PHONE.fullmatch(value.strip()):
        return ""
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
