"""Dates with precision: a subset of the Extended Date/Time Format (EDTF, ISO 8601-2), level 0 and 1."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from victimcare import languages

# A full EDTF parser takes 10 ms a date: half a second for the dates of birth of one page.
_WRITTEN = re.compile(r"\d{4}(-\d{2}){0,2}~?", re.ASCII)

# As people write it by hand: 12/3/1985, 12.03.1985, 3/1985.
_BY_HAND = re.compile(r"(?:(\d{1,2})[./-])?(\d{1,2})[./-](\d{4})(~?)", re.ASCII)

# In English 12/3 is a day in March or in December, depending on who writes.
_TWO_ORDERS = "en"


# A leap year, whose digits no other part of a date has.
_ANY_YEAR = 2000


@cache
def _day_of(month: int, day: int, _language: str) -> str:
    """A day of any year, in words. Fifty on a page took Django as long as all that is decrypted for them."""
    return date_format(date(_ANY_YEAR, month, day), "DATE_FORMAT")


def _whole(day: date) -> str:
    words = _day_of(day.month, day.day, get_language() or "")
    return words.replace(str(_ANY_YEAR), f"{day.year:04}")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, a month or a day; `~` after it says approximate. "1985", "1985-03", "1985-03-12", "1985~"."""

    text: str

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not _WRITTEN.fullmatch(self.text):
            raise ValidationError(
                _(
                    "Write the date as year, year-month or year-month-day, "
                    "for example 1985, 1985-03 or 1985-03-12."
                )
            )
        try:
            date.fromisoformat((self.text.removesuffix("~") + "-01-01")[:10])
        except ValueError as error:
            raise ValidationError(_("There is no such day. Look at the day and the month again.")) from error

    @classmethod
    def of(cls, day: date) -> "PartialDate":
        return cls(day.isoformat())

    @classmethod
    def by_hand(cls, text: str) -> "PartialDate | None":
        """From what somebody typed: also with the day first, as on paper, where that has one reading.

        Raises ValidationError.
        """
        found = _BY_HAND.fullmatch(text.strip())
        if found is None:
            return cls.parse(text)
        day, month, year, about = found.groups()
        if day and languages.of_page() == _TWO_ORDERS and int(day) <= 12 and day.zfill(2) != month.zfill(2):
            raise ValidationError(
                _("This can be read in two ways. Write the year first, then the month: 1985-03-12.")
            )
        parts = [year, month.zfill(2)] + ([day.zfill(2)] if day else [])
        return cls("-".join(parts) + about)

    @property
    def year(self) -> int:
        return int(self.text[:4])

    @property
    def approximate(self) -> bool:
        return self.text.endswith("~")

    @property
    def earliest(self) -> date:
        return date.fromisoformat((self.text.removesuffix("~") + "-01-01")[:10])

    def __str__(self) -> str:
        bare = self.text.removesuffix("~")
        if len(bare) == len("1985"):
            shown = bare
        elif len(bare) == len("1985-03"):
            shown = date_format(self.earliest, "YEAR_MONTH_FORMAT")
        else:
            shown = _whole(self.earliest)
        return _("about %(date)s") % {"date": shown} if self.approximate else shown

    @classmethod
    def parse(cls, value: Any) -> "PartialDate | None":
        """From a form, a file or a date. Empty gives None; nonsense raises ValidationError."""
        if value is None or value == "":
            return None
        if isinstance(value, cls):
            return value
        return cls.of(value) if isinstance(value, date) else cls(str(value).strip())
