"""Which of all questions are asked."""

from random import Random

from tests.matrix.asking import Asker, Question
from tests.matrix.table import METHODS, table

# What does something. All other methods answer alike.
ALWAYS = ("GET", "POST", "FILLED")
STRANGERS = frozenset({"stranger", "public", ""})


def floor(asker: Asker, url: str, chance: Random) -> list[Question]:
    """Each role at this address by a look, and by another method; each method by several roles."""
    others = [method for method in METHODS if method != "GET"]
    roles = chance.sample(list(asker.world.people), len(asker.world.people))
    drawn = [
        _one(asker.questions(url, method, role), chance)
        for number, role in enumerate(roles)
        for method in ("GET", others[number % len(others)])
    ]
    return [question for question in drawn if question]


def drawn(
    asker: Asker, url: str, number: int, chance: Random, methods: tuple[str, ...] = METHODS
) -> list[Question]:
    """As many different questions of this address, or all that there are."""
    found = everything(asker, url, methods)
    return chance.sample(found, min(number, len(found)))


def kinds(asker: Asker, url: str, role: str, chance: Random) -> list[Question]:
    """One of each kind: what differs in method, relation, marks of the object, or which child is named."""
    found = [question for method in ALWAYS for question in asker.questions(url, method, role)]
    chance.shuffle(found)
    return list({asker.kind(question): question for question in found}.values())


def everything(asker: Asker, url: str, methods: tuple[str, ...] = METHODS) -> list[Question]:
    return [
        question
        for method in methods
        for role in asker.world.people
        for question in asker.questions(url, method, role)
    ]


def _one(questions: list[Question], chance: Random) -> Question | None:
    """Every second time about what the role has to do with: to most roles most things are a stranger's."""
    known = [one for one in questions if one.thing and table().relation(one.role, one.thing) not in STRANGERS]
    chosen = known if known and chance.random() < 0.5 else questions
    return chance.choice(chosen) if chosen else None
