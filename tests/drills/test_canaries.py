"""Nothing of a person stands in a log, a mail, a task, a session, a counter or a temporary file."""

import pytest

from tests.drills.canaries import PLANTS, drill

FEW = 4


def test_nothing_of_a_few_people_is_left_anywhere(worker_id: str):
    """A leak that is planted is found."""
    said, wrong = drill(f"canaries_{worker_id}", FEW, ("a log line holds a form",))
    assert wrong == [], "\n".join(said)


@pytest.mark.slow
def test_every_planted_leak_is_found(worker_id: str):
    said, wrong = drill(f"canaries_all_{worker_id}", FEW, tuple(PLANTS))
    assert wrong == [], "\n".join(said)
