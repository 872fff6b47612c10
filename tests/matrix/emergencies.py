"""A case that a colleague opened in an emergency, which is over, and waits for its review."""

from collections.abc import Iterator
from typing import Any

from cases import actions
from tests.matrix.cases import CaseMaker, Thing


def emergencies(maker: CaseMaker, people: dict[str, Any]) -> Iterator[Thing]:
    case = maker.make("case.reviewed", maker.places.team, people["caseworker"])
    opener, word = people["southern"], maker.canaries.word("emergency.waiting", "words")
    opened = actions.open_in_emergency(
        case.record, by=opener, reason="life_in_danger", words=word, minutes=30
    )
    ended = actions.end_emergency(opened, by=opener)
    maker.canaries.add(ended.pk, "emergency.waiting", "id")
    yield from (case, Thing("emergency.waiting", ended))
