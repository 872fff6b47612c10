"""Search before create: is there a record of this person already? Asked before any case is opened."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from cases import access_log
from cases.models import Case, Person, PersonToken
from cases.models.cases import CaseQuerySet
from cases.tokens import Clues, Likeness, tokens, words_of, years_of
from cases.workers import cases_held
from victimcare import access, numbers
from victimcare.encryption import keyring
from victimcare.models import Organization, User
from victimcare.models.logs import Action

# Names of this many newest persons are compared; older ones are found by number, telephone, e-mail, name
# and year.
COMPARED = 5_000
SIMILAR = 80
SAME = 100
SHOWN = 20
LISTED = 50
OTHER_YEAR_COSTS = 12

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
    names only.
    """

    matches: list[Match]
    elsewhere: list[str]


def find(clues: Clues, *, by: User) -> Found:
    """Who this may be, in the user's own organisations: best first. The search is logged, never what was
    typed.
    """
    alike = _by_tokens(clues, by)
    scores = _by_name(words_of(f"{clues.given_names} {clues.surnames}"), clues.years, by)
    for person_id, score in scores.items():
        alike[person_id].add(Likeness.SAME_NAME if score == SAME else Likeness.SIMILAR_NAME)
    cases = list(Case.objects.visible_to(by).filter(person__in=alike).with_rows())
    matches = [Match(case, _reasons(alike[case.person_id]), _score(case, alike, scores)) for case in cases]
    hidden = cases_held(alike.keys() - {case.person_id for case in cases})
    best = sorted(matches, key=lambda match: (-match.score, match.case.number))[:SHOWN]
    access_log.shown(Action.SEARCH, [match.case for match in best], by=by)
    access_log.hinted(hidden, by=by)
    return Found(best, sorted({case.team.name for case in hidden}))


def _by_tokens(clues: Clues, by: User) -> defaultdict[UUID, set[Likeness]]:
    found: defaultdict[UUID, set[Likeness]] = defaultdict(set)
    organizations = Organization.objects.visible_to(by).filter(
        pk__in=access.organizations_with(by, "cases.work")
    )
    for organization in organizations:
        wanted = tokens(clues, organization)
        rows = PersonToken.objects.visible_to(by).filter(organization=organization, token__in=list(wanted))
        for person_id, token in rows.values_list("person_id", "token"):
            found[person_id].add(wanted[bytes(token)])
    return found


def _by_name(wanted: list[str], years: Iterable[int], by: User) -> dict[UUID, float]:
    """Persons in the user's scope whose decrypted name is like the words wanted, with 0-100."""
    if not wanted:
        return {}
    named = Q(given_names__isnull=False) | Q(surnames__isnull=False) | Q(known_as__isnull=False)
    persons = list(Person.objects.visible_to(by).filter(named).order_by("-created_at", "pk")[:COMPARED])
    keyring.preload(persons)
    scores = ((person.pk, likeness(wanted, years, person)) for person in persons)
    return {person_id: score for person_id, score in scores if score >= SIMILAR}


def likeness(wanted: list[str], years: Iterable[int], person: Person) -> float:
    """How like a person's name is to the words wanted (0-100): each word with the one that is most like it,
    so that their order and names left out do not matter. Another year of birth speaks against it.
    """
    known = words_of(f"{person.given_names} {person.surnames} {person.known_as}")
    if not known:
        return 0.0
    score = sum(max(fuzz.ratio(word, other) for other in known) for word in wanted) / len(wanted)
    born = set(years_of(person))
    differs = bool(born and years) and not born & set(years)
    return score - OTHER_YEAR_COSTS if differs else score


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


def among(cases: CaseQuerySet, text: str, *, by: User) -> list[Case]:
    """The cases of a list whose number is `text` or whose person's name is like it, best first. Logged as
    a search.
    """
    number = numbers.normalise(text)
    # A name of ten letters may read as a number: what is no case's number is looked for as a name.
    numbered = list(cases.filter(number=number)) if number else []
    found = numbered or _named_like(cases, words_of(text), by)
    access_log.shown(Action.SEARCH, found, by=by)
    return found


def _named_like(cases: CaseQuerySet, wanted: list[str], by: User) -> list[Case]:
    scores = _by_name(wanted, (), by)
    best = sorted(scores, key=lambda person_id: -scores[person_id])[:LISTED]
    found = cases.filter(person__in=best)
    return sorted(found, key=lambda case: (-scores[case.person_id], case.number))[:LISTED]
