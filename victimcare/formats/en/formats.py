"""English is read on both sides of a border where 4/12 is two different days: months are words here."""

DATE_FORMAT = "j M Y"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j M"
