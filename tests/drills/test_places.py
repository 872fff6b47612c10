"""The drill of the last free place, short. `make drill-places` is the long one."""

from collections.abc import Callable
from typing import Any

ACCEPTORS, ROUNDS = "12", "3"


def test_the_last_free_place_is_given_once(drill: Callable[..., Any]) -> None:
    made = drill("acceptors", ACCEPTORS, ROUNDS, role="owner")
    assert made.returncode == 0, made.stderr
    done = drill("places", ACCEPTORS, ROUNDS)
    assert done.returncode == 0, done.stdout + done.stderr
