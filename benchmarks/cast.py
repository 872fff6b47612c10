"""Who and what the load runner opens, by the parts they play: ids, and words to search for."""

import random
from typing import Any

from benchmarks import people, plan
from benchmarks.cases import One
from benchmarks.pens import dashed
from benchmarks.plan import Plan, uid
from benchmarks.referrals import TO_THE_FIRST, sendings

ASKED, TYPED = 300, 50


def cast(made: Plan) -> dict[str, Any]:
    names = people.names(made.names_folder)
    ids = {
        "worker": plan.user(0, plan.BUSY),
        "worker_30": plan.user(0, plan.MODEST),
        "supervisor": plan.user(0, plan.SUPERVISOR),
        "provider": plan.staff(0, 0),
        "officer": uid("officer", 0),
        "coordinator": uid("coordinator", 0),
        "team": uid("team", 0),
        "referral": _received(made, names),
        "case": uid("case", made.busy_case),
        "case_bare": uid("case", made.bare_case),
        "case_for_candidates": uid("case", made.candidates_case),
    }
    told = {name: dashed(one) for name, one in ids.items()}
    return {**told, "service_kind": plan.SERVICE_KINDS[0], **_words(made, names)}


def _received(made: Plan, names: people.Names) -> str:
    """A referral that the provider has received and not answered: of another team's case."""
    for number in reversed(range(made.cases)):
        one = One(made, number, names)
        if one.team in TO_THE_FIRST[1:]:
            for sending in sendings(one):
                if sending.status == "received":
                    return sending.id
    raise LookupError


def _words(made: Plan, names: people.Names) -> dict[str, Any]:
    chance = random.Random(7)  # the same questions each time; nothing secret
    known = [number for number in range(made.cases) if made.agency_of(made.place_of(number)[0]) == 0]
    asked = [_asked(One(made, number, names), chance) for number in chance.sample(known, ASKED)]
    own = [One(made, number, names).clues for number in chance.sample(made.own_cases, TYPED)]
    typed = [f"{one.given_names} {one.surnames.split()[0]}" for one in own]
    return {"searched": asked, "typed": typed}


def _asked(one: One, chance: random.Random) -> dict[str, str]:
    """Somebody of the worker's organisation as who asks would type them: one letter of a name is wrong."""
    given, surnames = one.clues.given_names, one.clues.surnames
    surnames = chance.choice([surnames, surnames.split()[0]])
    if chance.random() < len(given) / len(given + surnames):
        given = people.misspelt(given, chance)
    else:
        surnames = people.misspelt(surnames, chance)
    return {
        "given_names": given,
        "surnames": surnames,
        "birth": one.birth,
        "identity_number": one.clues.identity_number,
        "phone": next(iter(one.clues.reached_at), ""),
    }
