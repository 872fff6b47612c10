"""From what a file says to what a record holds: spellings, dates, ages."""

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache

from django.core.exceptions import ValidationError

from cases.imports.problems import Unusable
from victimcare.encryption.dates import PartialDate

OLDEST = 120
EARLIEST_YEAR = 1900
YES, NO = "yes", "no"
_AGES = re.compile(r"(?P<low>\d{1,3})(?:\.0)?(?:\s*(?:-|–|a|to)\s*(?P<high>\d{1,3})|(?P<more>\s*\+))?")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """One spelling for many: without accents, case, underscores and needless spaces."""
    bare = unicodedata.normalize("NFKD", text.replace("_", " "))
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).casefold().split())


def to_date(text: str, formats: tuple[str, ...]) -> PartialDate:
    """A date as precise as the format that fits: "%Y" gives a year, "%m/%Y" a month."""
    for form in formats:
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007  # a calendar day has no time zone
        except ValueError:
            continue
        return _plausible(day, form)
    raise Unusable("not a date in a format of the mapping")


def _plausible(day: date, form: str) -> PartialDate:
    if day > date.today():  # noqa: DTZ011  # the importing machine's own day is what is meant
        raise Unusable("a date in the future")
    if day.year < EARLIEST_YEAR:
        raise Unusable(f"a date before {EARLIEST_YEAR}")
    length = 10 if "%d" in form or "%j" in form else 7 if "%m" in form or "%b" in form else 4
    return PartialDate(day.isoformat()[:length])


def to_age(text: str) -> dict[str, int]:
    """An age or a range of ages: "31", "21-24", "65+"."""
    found = _AGES.fullmatch(text.strip())
    if found is None:
        raise Unusable("not an age")
    low = int(found["low"])
    high = OLDEST if found["more"] else int(found["high"] or low)
    if not low <= high <= OLDEST:
        raise Unusable("not an age that a person can have")
    return {"from": low, "to": high}


def to_birth(text: str, formats: tuple[str, ...]) -> PartialDate:
    """A date of birth: by the mapping's formats, else as year or year-month, with ~ for about."""
    try:
        return to_date(text, formats)
    except Unusable:
        try:
            return PartialDate(text)
        except ValidationError as error:
            raise Unusable("not a date in a format of the mapping") from error
