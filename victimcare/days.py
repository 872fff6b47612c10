"""Days in words: of the fifty on a page most are written alike, and Django takes long to write one."""

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language


def day_words(moment: date | datetime) -> str:
    """The day in short, in the language and time zone of who reads it."""
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return _words(day, get_language() or "")


@lru_cache(maxsize=4096)
def _words(day: date, language: str) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
