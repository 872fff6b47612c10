"""What goes wrong on a machine is said in one sentence, never as a traceback."""

import signal
import sys
from collections.abc import Callable


class Problem(Exception):
    """The sentence says what is missing and what to do."""


class Stopped(BaseException):
    """Somebody asked this process to stop. Not an `Exception`, so that no handler of errors swallows it."""


def _stop(signum: int, frame: object) -> None:
    # Once: a second Ctrl-C must not interrupt the orderly end of the database.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def stop_on_signals() -> None:
    """Ctrl-C, `kill` and a closed terminal all raise `Stopped`, so that every `finally` runs."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)


def run_main(main: Callable[[], int]) -> None:
    """Run a command of this package and leave with its exit code."""
    stop_on_signals()
    try:
        sys.exit(main())
    except Problem as problem:
        sys.exit(str(problem))
    except Stopped:
        sys.exit(130)
