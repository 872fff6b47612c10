"""One question of the matrix, and what is wrong with the answer."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.http.cookie import SimpleCookie
from django.test import Client
from django.urls import get_resolver, reverse

from referrals.models import ServiceAtLocation
from tests.matrix.cases import CHILDREN, Thing
from tests.matrix.filled import ABOUT_A_CASE, FILLED, QUERIES
from tests.matrix.places import CANARY
from tests.matrix.table import table
from tests.matrix.world import World
from tests.signing import sign_in
from victimcare import step_up

# May open each other's cases in an emergency.
COLLEAGUES = frozenset({"told", "team", "agency", "former"})
# A hundred thousand questions take longer than a confirmation of who one is holds, in seconds.
FRESH = step_up.TO_OPEN / 2
NUMBER = "[0-9a-hjkmnp-tv-z]"
# Everything in an answer that may stand for something of the world.
TRACES = re.compile(
    rf"{CANARY}[a-z]{{10}}"
    rf"|{NUMBER}{{3}}-{NUMBER}{{3}}-{NUMBER}{{3}}-{NUMBER}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)

# Addresses of the account whose objects nobody has in this world.
NOBODYS: dict[str, dict[str, Any]] = {
    "invitation": {"token": "no-such-link"},
    "session_end": {"pk": UUID(int=1)},
    "mfa_edit_webauthn": {"pk": 1},
    "mfa_remove_webauthn": {"pk": 1},
}


@dataclass(frozen=True, slots=True)
class Question:
    """`child`: which child the address names: the case's own, a stranger's ("foreign"), one of another
    case of the same worker ("sibling"), one that was taken away ("gone"), or a note of "counselling".
    """

    url: str
    method: str
    role: str
    thing: str = ""
    child: str = ""
    query: str = ""

    def __str__(self) -> str:
        about = " ".join(part for part in (self.thing, self.child, self.query) if part)
        return f"{self.role} {self.method} {self.url} {about}".strip()


@dataclass(slots=True)
class Wrong:
    question: Question
    relation: str
    expected: str
    got: str

    def __str__(self) -> str:
        relation = f" ({self.relation})" if self.relation else ""
        return f"{self.question}{relation}: expected {self.expected}, got {self.got}"


def addresses() -> dict[str, tuple[str, ...]]:
    """Every address of the product by its full name, with the names of its arguments."""
    return dict(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: Any, namespace: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in patterns:
        if hasattr(one, "url_patterns"):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _walk(one.url_patterns, inner)
        else:
            yield f"{namespace}{one.name or one.pattern}", tuple(one.pattern.converters)


class Asker:
    """Asks as any role, each time in a savepoint that is rolled back: nothing that was posted stays."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.arguments = addresses()
        self.client = Client(raise_request_exception=False)
        self.signed_in_at = time.monotonic()
        self.cookies = {role: self._signed_in(role) for role in world.people}
        # Of one test: what it wrote is rolled back.
        self.renewed: dict[str, str] = {}
        self.readable = {role: world.may_read(role) for role in world.people}
        self.known = set(world.canaries.of)

    def _signed_in(self, role: str) -> str:
        """The session's cookie."""
        user = self.world.people[role]
        if user is None:
            return ""
        client = Client()
        sign_in(client, user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def _cookie(self, role: str) -> str:
        if time.monotonic() - self.signed_in_at < FRESH:
            return self.cookies[role]
        if role not in self.renewed:
            self.renewed[role] = self._signed_in(role)
        return self.renewed[role]

    # -- Which questions there are --------------------------------------------------------------------------

    def questions(self, url: str, method: str, role: str) -> list[Question]:
        """Every question of this address by this method and role. A form is filled in where there is one."""
        if method == "FILLED" and url not in FILLED:
            return []
        queries = QUERIES.get(url, ()) if method in {"GET", "HEAD"} else ()
        return [
            Question(url, method, role, thing, child, query)
            for thing, child in self._objects(url)
            for query in ("", *queries)
        ]

    def _objects(self, url: str) -> list[tuple[str, str]]:
        if url in ABOUT_A_CASE:
            return [(thing.name, "") for thing in self.world.of_kinds(["case"])]
        kinds = table().rule(url).kinds
        if not kinds:
            return [("", "")]
        things = [one for one in self.world.of_kinds(kinds) if self._fits(url, one)]
        return [(thing.name, child) for thing in things for child in self._children(url, thing)]

    def _fits(self, url: str, thing: Thing) -> bool:
        """Certificates and accreditations share their rules, and have an address each."""
        both = {"certificate", "accreditation"}
        return thing.kind not in both or url.split(":")[1].startswith(thing.kind)

    def _children(self, url: str, thing: Thing) -> list[str]:
        if "offer_pk" in self.arguments[url]:
            return ["own", "gone"]
        kind = self._child_kind(url)
        if not kind:
            return [""]
        found = ["foreign", "sibling"]
        found += ["own"] if kind in thing.children else []
        found += ["counselling"] if kind == "note" else []
        return found + (["gone"] if kind in thing.gone else [])

    def _child_kind(self, url: str) -> str:
        return next((CHILDREN[name] for name in self.arguments[url] if name in CHILDREN), "")

    # -- Asking ----------------------------------------------------------------------------------------------

    def ask(self, question: Question) -> HttpResponse:
        path, body = self._path(question), self._body(question)
        self.client.cookies = SimpleCookie()
        if cookie := self._cookie(question.role):
            self.client.cookies[settings.SESSION_COOKIE_NAME] = cookie
        method = "POST" if question.method == "FILLED" else question.method
        with transaction.atomic():
            response = getattr(self.client, method.lower())(path, body) if body else self._bare(method, path)
            transaction.set_rollback(True)
        return response

    def _bare(self, method: str, path: str) -> HttpResponse:
        found: HttpResponse = getattr(self.client, method.lower())(path)
        return found

    def _path(self, question: Question) -> str:
        path = reverse(question.url, kwargs=self._values(question))
        return f"{path}?{self._query(question.query)}" if question.query else path

    def _query(self, query: str) -> str:
        """Of strangers, whoever asks."""
        return query.format(
            user=self.world.people["caseworker_other"].pk,  # type: ignore[union-attr]  # signed in
            worker=self.world.people["caseworker"].pk,  # type: ignore[union-attr]  # signed in
            team=self.world.places.other_agency_team.pk,
            provider=self.world.places.clinic.pk,
        )

    def _values(self, question: Question) -> dict[str, Any]:
        names = self.arguments[question.url]
        if not names or question.url in NOBODYS:
            return NOBODYS.get(question.url, {})
        values = {"pk": self.world.things[question.thing].record.pk}
        if "offer_pk" in names:
            values["offer_pk"] = self._offer(question).pk
        values |= {name: self._child(question).pk for name in names if name in CHILDREN}
        return values

    def _offer(self, question: Question) -> Any:
        """The one that the case's consent is for."""
        if question.child == "gone":
            return self.world.things["offer.retired"].record
        recipient = self.world.things[question.thing].children["consent"].recipient_id
        return ServiceAtLocation.objects.filter(service__organization=recipient, retired_at=None)[0]

    def _child(self, question: Question) -> Any:
        kind = self._child_kind(question.url)
        if not kind:
            return None
        thing = self.world.things[question.thing]
        if question.child == "foreign":
            thing = self.world.things["case.other" if question.thing != "case.other" else "case.mine"]
        if question.child == "sibling":
            thing = self.world.things["case.held" if question.thing != "case.held" else "case.mine"]
        if question.child == "counselling":
            kind = "counselling"
        return (thing.gone if question.child == "gone" else thing.children)[kind]

    def _body(self, question: Question) -> dict[str, Any]:
        if question.method != "FILLED":
            return {}
        thing = self.world.things.get(question.thing)
        return FILLED[question.url](self.world, question.role, thing, self._child(question))

    # -- Judging ---------------------------------------------------------------------------------------------

    def wrong(self, question: Question) -> list[Wrong]:
        """What is wrong with the answer, by its status and by what stands in it."""
        response = self.ask(question)
        relation, marks = self._relation(question)
        expected = table().expected(question.url, question.method, question.role, relation, marks)
        found = self.leaks(question, response)
        if response.status_code != expected:
            found.append(Wrong(question, relation, str(expected), _got(response)))
        return found

    def leaks(
        self, question: Question, response: HttpResponse, within: set[str] | None = None
    ) -> list[Wrong]:
        """Canaries (of those `within`) that this role may not read, but for what the question itself said."""
        said = set(TRACES.findall(unquote(f"{self._path(question)} {self._body(question)}").lower()))
        said |= self._led_to(question)
        kept_back = (self.known if within is None else within) - self.readable[question.role] - said
        found = self.traces(response) & kept_back
        places = sorted(
            {f"{part} of {thing}" for text in found for thing, part in self.world.canaries.of[text]}
        )
        nothing = f"nothing of {', '.join(places)}"
        return [Wrong(question, self._relation(question)[0], nothing, _got(response))] if found else []

    def _led_to(self, question: Question) -> set[str]:
        """Who may open a colleague's case in an emergency, and knows its number or who it is about, is led to
        its address.
        """
        if question.url not in {"cases:emergency_find", "cases:search"} or question.method != "FILLED":
            return set()
        is_colleagues = table().relation(question.role, question.thing) in COLLEAGUES
        return {str(self.world.things[question.thing].record.pk)} if is_colleagues else set()

    def traces(self, response: HttpResponse) -> set[str]:
        return set(TRACES.findall(_everything(response)))

    def kind(self, question: Question) -> tuple[Any, ...]:
        """All that the table can tell questions apart by."""
        relation, marks = self._relation(question)
        return question.method, relation, frozenset(marks), question.child, question.query

    def _relation(self, question: Question) -> tuple[str, set[str]]:
        if not question.thing or question.url in ABOUT_A_CASE:
            return "", set()
        thing = self.world.things[question.thing]
        child = {"sibling": "foreign"}.get(question.child, question.child)
        return table().relation(question.role, question.thing), thing.marks | {child}


def _everything(response: HttpResponse) -> str:
    """Body, headers, cookies and reason, in small letters."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    head = [f"{name}: {value}" for name, value in response.items()]
    cookies = response.cookies.output()
    text = body.decode("utf-8", "replace")
    return unquote("\n".join((*head, cookies, response.reason_phrase, text))).lower()


def _got(response: HttpResponse) -> str:
    """The status; of a crash, which one."""
    crash = getattr(response, "exc_info", None)
    return f"{response.status_code} {crash[0].__name__}" if crash else str(response.status_code)
