"""Fills forms as a browser does: what the page holds already, and what somebody typed over it."""

import random
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

CHECKABLE = ("checkbox", "radio")
# Typed into the intake over what the page offers.
INTAKE = {
    "birth": "1990-05-17",
    "enrolments": "victim",
    "contacts-0-contact_kind": "mobile",
    "contacts-0-safety": "safe",
}
SEARCHED = {"phone": "reached_at"}


class Form(HTMLParser):
    """Name and value of every field of the forms that post to `path`."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.fields: dict[str, str] = {}
        self._inside = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            # A form without an address sends to its own page.
            sent_to = said.get("action", "").split("#")[0] or self.path
            self._inside = said.get("method") == "post" and sent_to == self.path
        if not self._inside:
            return
        ticked = said.get("type") not in CHECKABLE or "checked" in said
        if tag in ("input", "textarea") and ticked:
            self._hold(said)
        elif tag == "select":
            self._select = said.get("name", "")
        elif tag == "option" and (self._select not in self.fields or "selected" in said):
            self.fields[self._select] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

    def _hold(self, said: Mapping[str, str]) -> None:
        if name := said.get("name"):
            self.fields[name] = said.get("value", "")


def fields_of(page: str, path: str) -> dict[str, str]:
    form = Form(path)
    form.feed(page)
    return form.fields


def answers(post: str, cast: Mapping[str, Any], seed: int) -> Iterator[dict[str, str]]:
    """What is typed into a page of this kind, again and again; the same of each seed."""
    chance = random.Random(seed)
    while True:
        if post == "typed":
            yield {"q": chance.choice(cast["typed"])}
            continue
        person = chance.choice(cast["searched"])
        if post == "searched":
            yield {SEARCHED.get(name, name): value or "" for name, value in person.items()}
        else:
            yield _intake(person, chance)


def _intake(person: Mapping[str, str], chance: random.Random) -> dict[str, str]:
    names = {name: person[name] for name in ("given_names", "surnames")}
    return INTAKE | names | {"contacts-0-value": f"+54911{chance.randrange(10**7, 10**8)}"}
