"""Search before create: is there a record of this person already? Asked before any case is opened.

And free typing among one's own cases. Names are compared after their cards were opened, in memory, and what
was typed is kept nowhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process

from cases import access_log, cards, tokens
from cases.clues import Clues, Likeness
from cases.models import Case
from cases.models.cases import seen_by
from cases.names import INITIAL, words_of
from cases.reads import NUMBERED, OF_PERSONS
from cases.workers import cases_held, cases_of_state
from victimcare import access, numbers
from victimcare.models import Organization, User
from victimcare.models.logs import Action
from victimcare.planned import Statement

SIMILAR = 80
SAME = 100
# Two words of which one is the same, and the other less alike than this, are another name.
WORD_ALIKE = 50
SHOWN = 20
LISTED = 50
OTHER_YEAR_COSTS = 12

KeysByPlace = dict[Organization, tokens.Keys]

REASONS: dict[Likeness, Promise] = {
    Likeness.IDENTITY_NUMBER: _("Same identity number"),
    Likeness.PHONE: _("Same telephone"),
    Likeness.EMAIL: _("Same e-mail"),
    Likeness.NAME_AND_YEAR: _("Same name and year of birth"),
    Likeness.SIMILAR_NAME_AND_YEAR: _("Similar name, same year of birth"),
    Likeness.SAME_NAME: _("Has all of these names"),
    Likeness.SIMILAR_NAME: _("Similar name"),
}


@dataclass(frozen=True, slots=True)
class Match:
    """A case in the user's own scope whose person may be the one who is looked for, and why."""

    case: Case
    reasons: list[Promise]
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """`elsewhere`: teams of the organisation that may hold a record which this user may not see. Their
    names only; `hidden` are these cases, to lead to them in an emergency. `in_state`: some other organisation
    of a state with one register may; not even which.
    """

    matches: list[Match]
    elsewhere: list[str]
    in_state: bool
    hidden: list[Case]


def find(clues: Clues, *, by: User) -> Found:
    """Who this may be, in the user's own organisations: best first. The search is logged, never what was
    typed.
    """
    keys = _keys(by)
    alike = _by_tokens(clues, keys)
    scores = _by_name(words_of(f"{clues.given_names} {clues.surnames}"), clues.years)
    for person_id, score in scores.items():
        alike[person_id].add(Likeness.SAME_NAME if score == SAME else Likeness.SIMILAR_NAME)
    cases = OF_PERSONS(persons=list(alike), **seen_by(by)) if alike else []
    matches = [Match(case, _reasons(alike[case.person_id]), _score(case, alike, scores)) for case in cases]
    best = sorted(matches, key=lambda match: (-match.score, match.case.number))[:SHOWN]
    access_log.shown(Action.SEARCH, [match.case for match in best], by=by)
    hidden = cases_held(alike.keys() - {case.person_id for case in cases}, keys, by=by)
    of_state = _in_state(clues, keys)
    access_log.hinted([*hidden, *of_state], by=by)
    return Found(best, sorted({case.team.name for case in hidden}), bool(of_state), hidden)


def in_state(clues: Clues, *, by: User) -> list[Case]:
    """Cases of other organisations, where the law of the user's state has one register: whom to ask, and
    nothing that is ever told to who searches.
    """
    return _in_state(clues, _keys(by))


def _keys(by: User) -> KeysByPlace:
    """Of the organisations where the user works with cases."""
    return {place: tokens.keys_of(place) for place in access.workplaces(by, "cases.work")}


def _in_state(clues: Clues, keys: KeysByPlace) -> list[Case]:
    persons: set[UUID] = set()
    registers = {(place.member_state_id, held.register) for place, held in keys.items() if held.register}
    for region, key in registers:
        found = _compared(clues, region, tokens.asked(clues, region, key), cards.OF_STATE)
        persons |= {person for person, likenesses in found if likenesses}
    return cases_of_state(persons) if persons else []


def _by_tokens(clues: Clues, keys: KeysByPlace) -> defaultdict[UUID, set[Likeness]]:
    found: defaultdict[UUID, set[Likeness]] = defaultdict(set)
    for place, held in keys.items():
        wanted = tokens.asked(clues, place.member_state_id, held.own)
        for person_id, likenesses in _compared(clues, place.member_state_id, wanted, cards.ALIKE):
            if likenesses:
                found[person_id] |= likenesses
    return found


def _compared(
    clues: Clues, region: str, wanted: set[str], statement: Statement
) -> list[tuple[UUID, set[Likeness]]]:
    opened = cards.found_by(wanted, statement) if wanted else ()
    sought = cards.sought(clues, region)
    return [(person_id, cards.likenesses(sought, card)) for person_id, card in opened]


def _by_name(wanted: list[str], years: Iterable[int] = ()) -> dict[UUID, float]:
    """Persons of the acting user's cases whose name is like the words wanted. Without words, no card is
    opened.
    """
    return _ranked(cards.mine(), wanted, years) if wanted else {}


def _ranked(
    opened: Sequence[tuple[bytes, str]], wanted: list[str], years: Iterable[int]
) -> dict[UUID, float]:
    """Those whose name is like the words wanted, with 0-100: each word with the one that is most like it, so
    that their order and names left out do not matter. Another year of birth speaks against it.
    """
    names = [cards.name_on(text) for _person, text in opened]
    # Names repeat: each word is compared once, however many bear it.
    every = set(" ".join(names).split())
    alike = [_alike(word, every) for word in wanted]
    # Most people have no word that is like any: they are passed over at once.
    likely = {word for one in alike for word, score in one.items() if score >= SIMILAR}
    found = {}
    for (person_id, text), name in zip(opened, names, strict=True):
        words = name.split()
        if likely.isdisjoint(words):
            continue
        score = sum(max(one.get(word, 0) for word in words) for one in alike) / len(wanted)
        if score >= SIMILAR and (score := score - _year_costs(text, years)) >= SIMILAR:
            found[UUID(bytes=person_id)] = score
    return found


def _alike(word: str, words: set[str]) -> dict[str, float]:
    """Those of the words that are like this one, 0-100. An initial stands for every name that it begins."""
    if len(word) == 1:
        return {other: SAME if other == word else INITIAL for other in words if other.startswith(word)}
    found = process.extract(word, words, scorer=fuzz.ratio, score_cutoff=WORD_ALIKE, limit=None)
    initials = {word[0]: INITIAL} if word[0] in words else {}
    return initials | {other: score for other, score, _index in found}


def _year_costs(text: str, years: Iterable[int]) -> float:
    born = cards.read(text).years
    return OTHER_YEAR_COSTS if born and years and not born & set(years) else 0.0


def _score(case: Case, alike: dict[UUID, set[Likeness]], scores: dict[UUID, float]) -> float:
    """One exact token outweighs any likeness of names."""
    weight = sum(len(Likeness) - kind.value for kind in alike[case.person_id])
    return 100 * weight + scores.get(case.person_id, 0.0)


def _reasons(kinds: set[Likeness]) -> list[Promise]:
    said = set(kinds)
    if Likeness.NAME_AND_YEAR in said:
        said -= {Likeness.SIMILAR_NAME_AND_YEAR, Likeness.SAME_NAME, Likeness.SIMILAR_NAME}
    if Likeness.SIMILAR_NAME_AND_YEAR in said:
        said -= {Likeness.SIMILAR_NAME}
    return [REASONS[kind] for kind in sorted(said, key=lambda kind: kind.value)]


def own(text: str, *, by: User) -> list[Case]:
    """The cases that the user sees whose number is `text` or whose person's name is like it, best first.
    Logged as a search.
    """
    number, seen = numbers.normalise(text), seen_by(by)
    # A name of ten letters may read as a number: what is no case's number is looked for as a name.
    numbered = NUMBERED(number=number, **seen) if number else []
    found = numbered or _named_like(words_of(text), seen)
    access_log.shown(Action.SEARCH, found, by=by)
    return found


def _named_like(wanted: list[str], seen: dict[str, Any]) -> list[Case]:
    scores = _by_name(wanted)
    best = sorted(scores, key=lambda person_id: -scores[person_id])[:LISTED]
    found = OF_PERSONS(persons=best, **seen) if best else []
    return sorted(found, key=lambda case: (-scores[case.person_id], case.number))[:LISTED]
