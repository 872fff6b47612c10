"""The search for leaks finds what is planted, in each form."""

import base64

import pytest

from tests.browser import leaks

WORD = "Zoraida Ñancupil"


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc"])
@pytest.mark.parametrize("encode", [bytes, lambda raw: raw.hex().encode(), base64.b64encode])
def test_search_finds_a_word_in_each_form(before, encode):
    planted = encode(before + WORD.encode() + b" lives at")
    assert leaks.found(b"COPY cases_person\n" + planted, [WORD])


def test_search_finds_nothing_where_nothing_is():
    assert leaks.found(b"COPY cases_person\n\\x0100012f" * 100, [WORD]) == []
