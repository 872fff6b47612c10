"""The drill of threads, short: directly, as the application's role itself. `make drill` is the long one."""

from collections.abc import Callable
from typing import Any

REQUESTS, THREADS = "240", "8"


def test_users_who_take_turns_on_threads_see_their_own(drill: Callable[..., Any]) -> None:
    made = drill("people", "6", role="owner")
    assert made.returncode == 0, made.stderr
    done = drill("threads", "short", REQUESTS, THREADS)
    assert done.returncode == 0, done.stdout + done.stderr
