"""The stolen dump: how many names does somebody read who has the whole database, and no key?

They know the programme, public name frequencies, and every token with whose it is. They count the tokens,
order them by how often they are there, and lay them beside the names in the order of how often these are
borne. Run by `make attack`.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import django

django.setup()

from benchmarks import people  # noqa: E402
from cases import tokens  # noqa: E402
from cases.clues import Clues  # noqa: E402
from cases.names import words_of  # noqa: E402

PEOPLE = 200_000
MOST, LEAST_OF_PLANTED = 1.0, 20.0
# There are no more different tokens.
MOST_RANKS = 32**tokens.LENGTH
KEY = b"no attacker has it, but all know"
NO_YEAR = frozenset({0})

# Whose tokens they are, by person: what lies in the table for everybody to count.
Dump = Sequence[Iterable[str]]
Name = tuple[str, ...]


@dataclass(frozen=True)
class Attack:
    """What was laid beside the tokens, how many names came out, and how many by saying the commonest one."""

    name: str
    recovered: float
    by_guessing: float

    def __str__(self) -> str:
        return f"{self.name}: {self.recovered:.2f} % (without the dump: {self.by_guessing:.2f} %)"


def given(clues: Clues) -> Name:
    return (words_of(clues.given_names)[0],)


def surname(clues: Clues) -> Name:
    return (words_of(clues.surnames)[0],)


def both(clues: Clues) -> Name:
    return given(clues) + surname(clues)


def by_rank(
    dump: Dump, everybody: Sequence[Clues], guesses: Sequence[Name], of: Callable[[Clues], Name]
) -> float:
    """Per cent of the people whose name is at the rank of the commonest of their tokens."""
    ranked = Counter(token for held in dump for token in held).most_common()
    rank = {token: place for place, (token, _count) in enumerate(ranked)}
    right = 0
    for held, clues in zip(dump, everybody, strict=True):
        best = min((rank[token] for token in held), default=len(guesses))
        right += best < len(guesses) and guesses[best] == of(clues)
    return 100 * right / len(everybody)


def attack(
    name: str, dump: Dump, everybody: Sequence[Clues], guesses: Sequence[Name], of: Callable[[Clues], Name]
) -> Attack:
    blind = 100 * sum(of(clues) == guesses[0] for clues in everybody) / len(everybody)
    return Attack(name, by_rank(dump, everybody, guesses, of), blind)


def as_often(names: Iterable[Name], each: int = 1) -> list[Name]:
    """The commonest first, each so many times: once for each token that it may have."""
    return [name for name, _count in Counter(names).most_common(MOST_RANKS // each) for _ in range(each)]


def of_tokens(public: Iterable[Clues], each: int) -> list[Name]:
    """What the tokens of names mean, the commonest first: the programme says which names share one."""
    meaning: defaultdict[str, Counter[Name]] = defaultdict(Counter)
    for clues in public:
        timeless = Clues(clues.given_names, clues.surnames, NO_YEAR)
        for text in tokens.texts_of_names(timeless):
            meaning[text][both(clues)] += 1
    often = sorted(meaning.values(), key=lambda names: -names.total())
    return [names.most_common(1)[0][0] for names in often[: MOST_RANKS // each] for _ in range(each)]


@dataclass(frozen=True)
class People:
    """Those in the dump; and others of the same frequencies, whom anybody can draw from public files."""

    everybody: list[Clues]
    public: list[Clues]


def drawn(count: int, folder: str = "") -> People:
    names = people.names(folder)
    return People(list(names.people(count, seed=1)), list(names.people(count, seed=2)))


def attacks(known: People) -> list[Attack]:
    """On what the product stores."""
    dump = [tokens.stored(clues, "AR", [KEY]) for clues in known.everybody]
    years = people.YEARS[1] - people.YEARS[0] + 1
    guesses = {
        "given names": (as_often(map(given, known.public)), given),
        "surnames": (as_often(map(surname, known.public)), surname),
        "given name, surname and year": (as_often(map(both, known.public), years), both),
        "what tokens are made of, by lot": (of_tokens(known.public, years * tokens.LOTS), both),
        "the same, as if not by lot": (of_tokens(known.public, years), both),
    }
    return [attack(name, dump, known.everybody, *guess) for name, guess in guesses.items()]


def planted(known: People) -> Attack:
    """The index that must never be: a keyed token of the given name alone."""
    lone = [[tokens.token_of(KEY, *given(clues))] for clues in known.everybody]
    return attack("an index of given names alone", lone, known.everybody,
                  as_often(map(given, known.public)), given)  # fmt: skip


def main(count: int, folder: str) -> int:
    known = drawn(count, folder)
    found, lone = attacks(known), planted(known)
    print(f"{count:,} people; names recovered by rank, matched with:")
    for one in found:
        print(f"  {one}")
    print(f"Planted: {lone}")
    safe, works = all(one.recovered < MOST for one in found), lone.recovered > LEAST_OF_PLANTED
    print(
        f"Less than {MOST} %: {'ok' if safe else 'NOT REACHED'}. The attack works: {'ok' if works else 'NO'}."
    )
    return 0 if safe and works else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
