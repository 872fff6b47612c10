"""The drill of killed workers, short. `make drill-worker` is the long one."""

from collections.abc import Callable
from typing import Any

KILLS = "4"


def test_no_task_is_lost_and_none_is_done_twice(drill: Callable[..., Any]) -> None:
    made = drill("worked", role="owner")
    assert made.returncode == 0, made.stderr
    done = drill("workers", KILLS)
    assert done.returncode == 0, done.stdout + done.stderr
