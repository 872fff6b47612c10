"""What is put into words once and used again says what Django says each time."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.conf import settings
from django.urls import reverse, set_script_prefix
from django.utils import timezone, translation
from django.utils.formats import date_format
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from victimcare.addresses import address
from victimcare.encryption.dates import PartialDate
from victimcare.words import day_words, moment_words

LANGUAGES = st.sampled_from([code for code, _name in settings.LANGUAGES])
MOMENTS = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001  # hypothesis takes them without
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(LANGUAGES, MOMENTS)
def test_moments(language, moment):
    here = timezone.localtime(moment)
    with translation.override(language):
        assert moment_words(moment) == date_format(here, "SHORT_DATETIME_FORMAT")
        assert day_words(moment) == date_format(here.date(), "SHORT_DATE_FORMAT")


@given(LANGUAGES, st.dates(date(1800, 1, 1), date(2100, 1, 1)))
def test_days_of_birth(language, day):
    with translation.override(language):
        assert str(PartialDate(day.isoformat())) == date_format(day, "DATE_FORMAT")


@hypothesis_settings(deadline=None)  # the first address reads all of the product's
@given(st.uuids(), st.uuids())
def test_addresses(one, other):
    assert address("cases:case", one) == reverse("cases:case", args=[one])
    assert address("cases:party_edit", one, other) == reverse("cases:party_edit", args=[one, other])


@pytest.fixture
def below_a_folder():
    set_script_prefix("/care here/")
    yield
    set_script_prefix("/")


def test_addresses_below_a_folder(below_a_folder):
    assert address("cases:case", UUID(int=7)) == reverse("cases:case", args=[UUID(int=7)])
    assert address("cases:case", UUID(int=7)).startswith("/care%20here/")
