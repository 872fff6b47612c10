"""Dates with precision, as people write them on paper and in each language."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from victimcare.encryption.dates import PartialDate


@pytest.mark.parametrize("language", ["es", "pt-br", "fr"])
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("12/03/1985", "1985-03-12"),
        ("1.3.1985", "1985-03-01"),
        (" 12-3-1985 ", "1985-03-12"),
        ("3/1985", "1985-03"),
        ("3/1985~", "1985-03~"),
        ("1985-03-12", "1985-03-12"),
        ("1985", "1985"),
    ],
)
def test_day_first_where_everybody_writes_it_so(language, typed, stored):
    with translation.override(language):
        assert PartialDate.by_hand(typed).text == stored


@pytest.mark.parametrize(("typed", "stored"), [("13/03/1985", "1985-03-13"), ("3/3/1985", "1985-03-03")])
def test_english_takes_what_can_be_read_in_one_way(typed, stored):
    with translation.override("en"):
        assert PartialDate.by_hand(typed).text == stored


def test_english_does_not_guess_between_day_and_month():
    with translation.override("en"), pytest.raises(ValidationError, match="two ways"):
        PartialDate.by_hand("12/03/1985")


@pytest.mark.parametrize("typed", ["31/02/1990", "1990-02-31", "1990-13"])
def test_day_that_does_not_exist_is_said_so(typed):
    with translation.override("en"), pytest.raises(ValidationError, match="no such day"):
        PartialDate.by_hand(typed)


@pytest.mark.parametrize("typed", ["ayer", "12/03/85", "1/2/3/1985", "²/3/1985"])
def test_words_that_are_no_date_are_refused(typed):
    with pytest.raises(ValidationError, match="year"):
        PartialDate.by_hand(typed)


def test_nothing_is_nothing():
    assert PartialDate.by_hand("") is None


def test_english_takes_the_same_number_twice_however_it_is_written():
    with translation.override("en"):
        assert PartialDate.by_hand("3/03/1985").text == "1985-03-03"


@pytest.mark.parametrize(
    ("text", "earliest", "year", "approximate"),
    [
        ("1985", date(1985, 1, 1), 1985, False),
        ("1985~", date(1985, 1, 1), 1985, True),
        ("1985-03", date(1985, 3, 1), 1985, False),
        ("1985-03-12~", date(1985, 3, 12), 1985, True),
    ],
)
def test_a_date_has_a_first_day_and_a_year(text, earliest, year, approximate):
    made = PartialDate(text)
    assert (made.earliest, made.year, made.approximate) == (earliest, year, approximate)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1985", "1985"),
        ("1985~", "about 1985"),
        ("1985-03", "March 1985"),
        ("1985-03-12", "12 Mar 1985"),
        ("1985-03-12~", "about 12 Mar 1985"),
    ],
)
def test_a_date_is_shown_as_exactly_as_it_is_known(text, shown):
    with translation.override("en"):
        assert str(PartialDate(text)) == shown


def test_a_date_is_taken_from_a_day_a_text_or_another_one():
    made = PartialDate("1985-03-12")
    for given in (made, date(1985, 3, 12), " 1985-03-12 "):
        assert PartialDate.parse(given) == made
    assert PartialDate.parse(made) is made
    assert PartialDate.parse(None) is None
    assert PartialDate.parse("") is None


@pytest.mark.parametrize("wrong", [1985, "1985-3", "198", "~"])
def test_what_is_not_written_as_a_date_is_none(wrong):
    with pytest.raises(ValidationError, match="year"):
        PartialDate(wrong)
