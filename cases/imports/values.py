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
# What a format may tell, as `strptime` writes it. Weeks and a locale's own ways are not here: how precise the
# date is could not be seen.
_YEAR, _MONTH, _DAY = frozenset("Yy"), frozenset("mbB"), frozenset("dj")
_DIRECTIVES = _YEAR | _MONTH | _DAY | frozenset("HIMSfpzaA%")
_SAMPLE = datetime(2022, 11, 23)  # noqa: DTZ001  # a calendar day has no time zone
_AGES = re.compile(r"(?P<low>\d{1,3})(?:\.0)?(?:\s*(?:-|–|a|to)\s*(?P<high>\d{1,3})|(?P<more>\s*\+))?")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """One spelling for many: without accents, case, underscores and needless spaces."""
    bare = unicodedata.normalize("NFKD", text.replace("_", " "))
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).casefold().split())


def is_format(form: str) -> bool:
    """Whether a date written so can be read again: not one without its year, or a day without its month."""
    used = _used(form)
    if not (used <= _DIRECTIVES and used & _YEAR):
        return False
    try:
        return to_date(_SAMPLE.strftime(form), (form,)).text == _SAMPLE.date().isoformat()[: _length(form)]
    except (Unusable, re.error):
        return False


def _used(form: str) -> frozenset[str]:
    return frozenset(re.findall(r"%(.?)", form, re.DOTALL))


def _length(form: str) -> int:
    """How much of a date the format tells: so many characters of "2022-11-23"."""
    used = _used(form)
    if used & _DAY:
        return 10
    return 7 if used & _MONTH else 4


def to_date(text: str, formats: tuple[str, ...]) -> PartialDate:
    """A date as precise as the format that fits: "%Y" gives a year, "%m/%Y" and "%B %Y" a month."""
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
    return PartialDate(day.isoformat()[: _length(form)])


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
