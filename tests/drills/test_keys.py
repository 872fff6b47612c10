"""The drill of keys, short. `make drill-keys` is the long one."""

from collections.abc import Callable
from typing import Any

import pytest

WRITERS, FILLING, KILLS = "4", "300", "2"


@pytest.mark.slow
def test_nothing_is_lost_while_keys_change(drill: Callable[..., Any]) -> None:
    made = drill("writers", WRITERS, FILLING, role="owner")
    assert made.returncode == 0, made.stderr
    done = drill("keys", KILLS)
    assert done.returncode == 0, done.stdout + done.stderr
