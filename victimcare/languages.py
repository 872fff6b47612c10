"""The language of a page. Django and allauth know Brazil's Portuguese as "pt-br"; our data say "pt"."""

from django.utils.translation import get_language

FALLBACK = "en"


def of_page() -> str:
    """The two letters of the language that the page is shown in."""
    return (get_language() or FALLBACK).split("-")[0]
