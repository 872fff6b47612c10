"""One request of each page in one process, as the application's role, and what it cost in queries, buffers
and bytes. A process of its own: the cast in, {page: {…}} out, both as JSON.
"""

import json
import sys
from typing import Any
from unittest.mock import patch

import django

django.setup()

from django.db import transaction  # noqa: E402

from benchmarks import forms, pages  # noqa: E402
from benchmarks.counting import counted  # noqa: E402
from benchmarks.pages import Page  # noqa: E402
from benchmarks.sessions import client_of  # noqa: E402
from victimcare.models import User  # noqa: E402

Cast = dict[str, Any]


def cost_of(page: Page, cast: Cast) -> dict[str, int]:
    """Asked twice: the first time a process learns what it keeps. Nothing of it stays in the database."""
    found = {}
    with transaction.atomic():
        client = client_of(User.objects.get(pk=cast[page.by]))
        for _again in range(2):
            found = _asked(page, cast, client)
        transaction.set_rollback(True)
    return found


def _asked(page: Page, cast: Cast, client: Any) -> dict[str, int]:
    address = page.address(cast)
    fields = {}
    if page.post:
        held = forms.fields_of(client.get(address).content.decode(), address)
        fields = held | next(forms.answers(page.post, cast, seed=1))
    with counted() as cost:
        response = client.post(address, fields) if page.post else client.get(address)
    wanted = 302 if page.post == "intake" else 200
    if response.status_code != wanted:
        raise ValueError(f"{page.name}: {response.status_code}")
    return {"queries": cost.queries, "buffers": cost.buffers, "bytes": len(response.content)}


def main() -> None:
    cast = json.load(sys.stdin)
    found = {page.name: cost_of(page, cast) for page in (*pages.PAGES, *pages.FLOORS)}
    with patch("victimcare.paging.SIZE", 1):
        for page in pages.PAGES:
            bare = pages.BARE.get(page.name, page)
            found[page.name]["queries_of_one"] = cost_of(bare, cast)["queries"]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
