"""Faults of the second wall that only show when users share a connection.

The test runs a process of its own, which is told by its environment what to plant: tests/drills/plants.py.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from unittest.mock import patch

from tests.drills.plants import PLANTS, VARIABLE

TEST = "tests/drills/test_threads.py::test_users_who_take_turns_on_threads_see_their_own"

# name, test that has to turn red, how to plant it
FAULTS: list[tuple[str, str, Callable[[], AbstractContextManager[Any]]]] = [
    (name, TEST, partial(patch.dict, os.environ, {VARIABLE: name})) for name in PLANTS
]
