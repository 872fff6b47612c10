"""Faults that only show when many act at once: on one connection, or for the last free place.

The test runs a process of its own, which is told by its environment what to plant: tests/drills/plants.py.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from unittest.mock import patch

from tests.drills.plants import PLACE_PLANTS, PLANTS, VARIABLE

PLACES = "tests/drills/test_places.py::test_the_last_free_place_is_given_once"
TEST = "tests/drills/test_threads.py::test_users_who_take_turns_on_threads_see_their_own"

# name, test that has to turn red, how to plant it
FAULTS: list[tuple[str, str, Callable[[], AbstractContextManager[Any]]]] = [
    (name, test, partial(patch.dict, os.environ, {VARIABLE: name}))
    for test, plants in ((TEST, PLANTS), (PLACES, PLACE_PLANTS))
    for name in plants
]
