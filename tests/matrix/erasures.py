"""A case that the law keeps, one whose person is to be erased, and one whose person was."""

from collections.abc import Iterator
from typing import Any

from cases import actions
from tests.matrix.cases import CaseMaker, Thing


def erasures(maker: CaseMaker, people: dict[str, Any]) -> Iterator[Thing]:
    worker, supervisor = people["caseworker"], people["supervisor"]
    kept = maker.make("case.kept", maker.places.team, worker)
    actions.set_legal_hold(kept.record, by=supervisor, reason="court_order")
    kept.marks.add("kept")
    yield kept
    for name in ("to_erase", "erased"):
        case = maker.make(f"case.{name}", maker.places.team, worker)
        case.marks.add(name)
        asked = actions.ask_erasure(case.record, by=worker, reason="person_asked")
        if name == "erased":
            asked = actions.approve_erasure(asked, by=supervisor)
        thing = Thing(f"erasure.{'done' if name == 'erased' else 'asked'}", asked)
        maker.canaries.add(asked.pk, thing.name, "id")
        yield from (case, thing)
