"""Invented people as numerous and as alike as real ones: drawn from public name frequencies."""

import csv
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from cases.clues import Clues

# Files of name and count, the commonest first, each with a heading.
GIVEN = ("given_es_female.csv", "given_es_male.csv", "given_pt.csv")
SURNAMES = "surnames_es.csv"
# Where there are none, names of these: as unevenly borne as real ones, and nobody's.
CONSONANTS, VOWELS = "bcdfgjlmnprst", "aeiou"
INVENTED, EVENNESS = 1_000, 2
YEARS = (1945, 2010)


class Weighted:
    """Names, each as often as it is borne."""

    def __init__(self, counted: list[tuple[str, int]]) -> None:
        self.names = [name for name, _count in counted]
        self.sums = list(accumulate(count for _name, count in counted))

    def draw(self, chance: random.Random) -> str:
        return chance.choices(self.names, cum_weights=self.sums)[0]

    def shares(self) -> dict[str, float]:
        """How many of all bear it: what everybody can read who has the public file."""
        counts = [after - before for before, after in zip([0, *self.sums], self.sums, strict=False)]
        return {name: count / self.sums[-1] for name, count in zip(self.names, counts, strict=True)}


@dataclass(frozen=True)
class Names:
    given: list[Weighted]
    surnames: Weighted

    def person(self, chance: random.Random) -> Clues:
        return Clues(
            given_names=chance.choice(self.given).draw(chance),
            surnames=f"{self.surnames.draw(chance)} {self.surnames.draw(chance)}",
            years=frozenset({chance.randint(*YEARS)}),
            identity_number=str(chance.randrange(10**7, 10**8)) if chance.random() < 0.7 else "",
            reached_at=(f"+54911{chance.randrange(10**7, 10**8)}",) if chance.random() < 0.7 else (),
        )

    def somebody(self, chance: random.Random) -> tuple[Clues, str]:
        """Somebody with their date of birth, which is known to the day of most."""
        clues = self.person(chance)
        [year] = clues.years
        month, day = chance.randint(1, 12), chance.randint(1, 28)
        return clues, f"{year}-{month:02}-{day:02}" if chance.random() < 0.85 else str(year)

    def people(self, count: int, seed: int) -> Iterator[Clues]:
        chance = random.Random(seed)  # the same people each time; nothing secret
        return (self.person(chance) for _ in range(count))


def misspelt(text: str, chance: random.Random) -> str:
    """One letter more, less, another, or two in the other order."""
    place = chance.choice([at for at, letter in enumerate(text) if letter.isalpha()])
    letter = chance.choice(string.ascii_lowercase)
    return chance.choice([
        text[:place] + letter + text[place:],
        text[:place] + text[place + 1 :],
        text[:place] + letter + text[place + 1 :],
        text[:place] + text[place : place + 2][::-1] + text[place + 2 :],
    ])  # fmt: skip


def names(folder: str = "") -> Names:
    """From the files of a folder, else invented ones."""
    if not folder:
        return Names([_invented(1)], _invented(2))
    return Names([_read(Path(folder, name)) for name in GIVEN], _read(Path(folder, SURNAMES)))


def _invented(seed: int) -> Weighted:
    """The count of the n-th is as 1 / (n + 2): so, roughly, are those of real names."""
    chance = random.Random(seed)
    syllables = [consonant + vowel for consonant in CONSONANTS for vowel in VOWELS]
    found = dict.fromkeys("".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(INVENTED))
    return Weighted([(name, 10**7 // (rank + EVENNESS)) for rank, name in enumerate(found, 1)])


def _read(path: Path) -> Weighted:
    with path.open(encoding="utf-8", newline="") as file:
        _heading, *rows = csv.reader(file)
    return Weighted([(name, int(count)) for name, count, *_rest in rows])
