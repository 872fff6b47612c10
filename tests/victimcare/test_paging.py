"""Lists go on behind their last row, in any order of fields, and a key serves the list it was made for."""

import pytest
from django.test import RequestFactory

from tests import factories
from victimcare.models import Organization
from victimcare.paging import key_page


@pytest.fixture(autouse=True)
def _organizations(db):
    for name in "CABED":
        factories.organization(state="AR" if name < "C" else "BR", name=name)


NEWEST = ("-created_at", "-pk")
BY_STATE_AND_NAME = ("member_state__code", "-name", "pk")


@pytest.mark.parametrize("by", [NEWEST, BY_STATE_AND_NAME])
def test_pages_hold_each_row_once_in_order(monkeypatch, by):
    monkeypatch.setattr("victimcare.paging.SIZE", 2)
    seen, url = [], "/list?show=all"
    while url:
        request = RequestFactory().get(url)
        page = key_page(Organization.objects.all(), request, by=by)
        seen += [row.pk for row in page.rows]
        url = page.urls(request)["next_url"]
        assert not url or "show=all" in url
    assert seen == list(Organization.objects.order_by(*by).values_list("pk", flat=True))


def test_key_of_another_list_begins_anew(monkeypatch):
    monkeypatch.setattr("victimcare.paging.SIZE", 1)
    first = RequestFactory().get("/list")
    key = key_page(Organization.objects.all(), first, by=NEWEST).next_key
    again = RequestFactory().get("/list", {"after": key})
    shown = key_page(Organization.objects.all(), again, by=BY_STATE_AND_NAME).rows
    assert shown == [Organization.objects.order_by(*BY_STATE_AND_NAME).first()]


def test_both_addresses_keep_what_was_asked(monkeypatch):
    monkeypatch.setattr("victimcare.paging.SIZE", 1)
    first = RequestFactory().get("/list")
    key = key_page(Organization.objects.all(), first, by=NEWEST).next_key
    second = RequestFactory().get("/list", {"after": key})
    urls = key_page(Organization.objects.all(), second, by=NEWEST).urls(second, show="new")
    assert urls["previous_url"] == "/list?show=new"
    assert urls["next_url"].startswith("/list?show=new&after=")
