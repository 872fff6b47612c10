"""Days and choices in words: of the fifty on a page most are alike, and Django takes long to write one."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language


def day_words(moment: date | datetime, form: str = "SHORT_DATE_FORMAT") -> str:
    """The day, in the language and time zone of who reads it."""
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return _day(day, form, get_language() or "")


@lru_cache(maxsize=4096)
def _day(day: date, form: str, language: str) -> str:
    return date_format(day, form)


def choice_words(choices: Any, value: str) -> str:
    """The label of one of a field's TextChoices, in the language of who reads it."""
    return _choice(choices, value, get_language() or "")


@lru_cache(maxsize=4096)
def _choice(choices: Any, value: str, language: str) -> str:
    return str(choices(value).label)
