"""Log lines that say what failed and where, never with what."""

import logging
import traceback
from typing import Any


class Discreet(logging.Filter):
    """Takes off a record what could hold data about a person: the request, and an exception's arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.__dict__.pop("request", None)
        if record.name.startswith("django.request"):
            # The message holds the path, and a path holds record ids.
            record.msg, record.args = "%s", (f"request answered {getattr(record, 'status_code', '?')}",)
        elif record.name.startswith("django.security"):
            # It quotes the path of a forged request, or the host that somebody sent.
            record.msg, record.args = "%s", ("request refused",)
        return True


class LineFormatter(logging.Formatter):
    """One line a record; an exception is its type and the places it passed, without message or variables."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatException(self, ei: Any) -> str:  # noqa: N802  # the name is logging's
        return described(ei[1])


class Failed(Exception):
    """Stands for an exception whose own message may hold a whole row: its message is type and places only."""


def described(error: BaseException) -> str:
    if isinstance(error, Failed):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places}"
