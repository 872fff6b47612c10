"""How names are compared: without case, accents, particles, order, and the spellings that people confuse."""

import re
import unicodedata
from collections.abc import Set
from itertools import pairwise

from rapidfuzz.distance import OSA

# As papers have them, in any of the languages.
PARTICLES = frozenset({
    "a", "d", "da", "das", "de", "del", "des", "di", "do", "dos", "du", "e", "el", "la", "las", "le", "los",
    "van", "von", "y",
})  # fmt: skip
# Letters that Unicode does not take apart.
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
APOSTROPHES = re.compile(r"['’‘`´]")
LETTERS = re.compile(r"[^\W\d_]+")
# Letter by letter, so that one wrong letter stays one: Váez and Báes, Hernández and Ernandes.
SPELT_ALIKE = str.maketrans({"v": "b", "w": "b", "z": "s", "y": "i", "k": "c", "h": ""})
# Shorter words are not misspelt by a letter, they are other words.
SHORTEST_MISSPELT = 3
# What an initial is worth beside a whole word that is the same.
INITIAL = 90


def words_of(name: str) -> list[str]:
    """The words of a name without case, accents and particles: "María de los Ángeles" gives maria,
    angeles.
    """
    return _without_particles(_all_words(name))


def forms_of(name: str) -> list[str]:
    """The words, and what they are when written together: Dasilva, Anamaria, Jeanpierre."""
    every = _all_words(name)
    pairs = (first + second for first, second in pairwise(every))
    return list(dict.fromkeys([*_without_particles(every), *pairs]))


def _without_particles(words: list[str]) -> list[str]:
    return [word for word in words if word not in PARTICLES] or words


def _all_words(name: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(LIGATURES))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return LETTERS.findall(APOSTROPHES.sub("", bare))


def spelt(word: str) -> str:
    """A word with the letters that sound alike made one."""
    return word.translate(SPELT_ALIKE) or word


def apart(some: Set[str], others: Set[str]) -> int:
    """How many letters the nearest two of these spelt words differ by: 0, 1, or 2 for more. A letter more,
    less, another, or two that changed places, is one.
    """
    if not some.isdisjoint(others):
        return 0
    for one in some:
        for other in others:
            # Looked at first: it is so for few pairs, and a search compares tens of thousands.
            alike_in_length = (
                abs(len(one) - len(other)) <= 1 and max(len(one), len(other)) >= SHORTEST_MISSPELT
            )
            if alike_in_length and OSA.distance(one, other, score_cutoff=1) <= 1:
                return 1
    return 2
