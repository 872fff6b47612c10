"""Days and choices in words: of the fifty on a page most are alike, and Django takes long to write one."""

from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

# Of its two sides none is met in a date.
_ANY_TIME = "22:33"


def day_words(
    moment: date | datetime, language: str | None = None, *, form: str = "SHORT_DATE_FORMAT"
) -> str:
    """The day, in the language and time zone of who reads it. A list looks the language up once."""
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return _day(day, form, language or get_language() or "")


def moment_words(moment: datetime) -> str:
    """Day and time in short, likewise."""
    here = timezone.localtime(moment)
    return _day_at(here.date(), get_language() or "").replace(_ANY_TIME, f"{here:%H:%M}")


@lru_cache(maxsize=4096)
def _day_at(day: date, language: str) -> str:
    at = time.fromisoformat(_ANY_TIME)
    return date_format(datetime.combine(day, at), "SHORT_DATETIME_FORMAT")


@lru_cache(maxsize=4096)
def _day(day: date, form: str, language: str) -> str:
    return date_format(day, form)


def choice_words(choices: Any, value: str, language: str | None = None) -> str:
    """The label of one of a field's TextChoices, likewise."""
    return _choice(choices, value, language or get_language() or "")


@lru_cache(maxsize=4096)
def _choice(choices: Any, value: str, language: str) -> str:
    return str(choices(value).label)
