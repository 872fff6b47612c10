"""A mixed day: so many requests a second of many people, sent when they are due whether the ones before are
answered or not. A time runs from when a request was due, so that a queue in front of the server is in it.
"""

import http.client
import queue
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks import forms
from benchmarks.client import Browser
from victimcare.local import product

PEOPLE, THREADS = 300, 48
# What is due in each ten requests: three send a form, three fetch one, four read. Seven of ten only read.
TEN = ("read", "form", "send", "read", "form", "send", "read", "form", "send", "read")
# Somebody fills a form for so long before it is sent.
SECONDS_TO_FILL = 3
READS: dict[str, dict[str, int]] = {
    "caseworker": {
        "/cases/{case}/": 35, "/cases/": 20, "/": 15, "search": 15,
        "/referrals/mine/": 10, "/referrals/directory/": 5,
    },
    "supervisor": {"/cases/": 60, "/": 40},
    "provider": {"/referrals/inbox/": 70, "/": 30},
    "officer": {"/certification/applications/": 70, "/": 30},
}  # fmt: skip
FORMS = {"/cases/{case}/notes/": 55, "/cases/intake/": 25, "/cases/{case}/contacts/": 20}
SEARCH = "/cases/search/"
WORDS = "Invented words of a conversation, as long as somebody writes between two appointments. " * 4


@dataclass
class Person:
    role: str
    cases: list[str]
    cookies: dict[str, str]
    # Of the last form that they were shown; it is good for searching too.
    token: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    at: float
    kind: str


@dataclass
class Told:
    """What the day was like so far."""

    times: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)


class Day:
    """Runs `rate` requests a second for so many seconds."""

    def __init__(self, people: Sequence[Mapping[str, Any]], cast: Mapping[str, Any], port: int) -> None:
        self.people = [Person(**one) for one in people]
        self.writers = [one for one in self.people if one.cases]
        self.cast, self.port, self.told = cast, port, Told()
        self._due: queue.SimpleQueue[Due | None] = queue.SimpleQueue()
        self._filled: deque[tuple[float, Person, str, dict[str, str]]] = deque()
        self._chance = random.Random(1)  # the same day each time
        self._lock = threading.Lock()

    def run(self, rate: float, seconds: float) -> None:
        threads = [threading.Thread(target=self._work) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        began = time.monotonic() + 1
        for number in range(int(rate * seconds)):
            at = began + number / rate
            time.sleep(max(0, at - time.monotonic()))
            self._due.put(Due(at, TEN[number % len(TEN)]))
        for _thread in threads:
            self._due.put(None)
        for thread in threads:
            thread.join()

    def _work(self) -> None:
        with closing(Line(self.port)) as line:
            while due := self._due.get():
                kind = self._do(line, due.kind)
                with self._lock:
                    self.told.kinds[kind] += 1
                    self.told.times.append((time.monotonic() - due.at) * 1000)

    def _do(self, line: "Line", kind: str) -> str:
        """What it was: a form that is to be sent may not be filled yet, then somebody reads."""
        filled = self._next_filled() if kind == "send" else None
        try:
            if filled:
                self._expect(line, *filled, wanted=http.client.FOUND)
                return "send"
            if kind == "form":
                self._fetch(line)
            else:
                self._read(line)
        except (OSError, http.client.HTTPException) as error:
            self._wrong(type(error).__name__)
        return "read"

    def _next_filled(self) -> tuple[Person, str, dict[str, str]] | None:
        with self._lock:
            if not self._filled or self._filled[0][0] > time.monotonic():
                return None
            _at, person, path, fields = self._filled.popleft()
            return person, path, fields

    def _fetch(self, line: "Line") -> None:
        with self._lock:
            person, path = self._chance.choice(self.writers), self._one_of(FORMS)
            path = path.format(case=self._chance.choice(person.cases))
            typed = self._typed(path)
        page = self._expect(line, person, path)
        held = forms.fields_of(page.decode(), path)
        person.token = held.get("csrfmiddlewaretoken", "")
        self._filled.append((time.monotonic() + SECONDS_TO_FILL, person, path, held | typed))

    def _typed(self, path: str) -> dict[str, str]:
        if path.endswith("/notes/"):
            return {"text": WORDS}
        found = next(forms.answers("intake", self.cast, self._chance.randrange(10**9)))
        if path.endswith("/contacts/"):
            return {"contact_kind": "mobile", "safety": "safe", "value": found["contacts-0-value"]}
        return found

    def _read(self, line: "Line") -> None:
        with self._lock:
            person = self._chance.choice(self.people)
            path = self._one_of(READS[person.role])
            case = self._chance.choice(person.cases) if person.cases else ""
            asked = next(forms.answers("searched", self.cast, self._chance.randrange(10**9)))
        if path == "search" and person.token:
            self._expect(line, person, SEARCH, asked | {"csrfmiddlewaretoken": person.token})
        else:
            with_case = case or "{case}" not in path
            self._expect(
                line, person, path.format(case=case) if with_case and path != "search" else "/cases/"
            )

    def _one_of(self, weighted: Mapping[str, int]) -> str:
        return self._chance.choices(list(weighted), list(weighted.values()))[0]

    def _expect(
        self,
        line: "Line",
        person: Person,
        path: str,
        fields: dict[str, str] | None = None,
        wanted: int = http.client.OK,
    ) -> bytes:
        status, body = line.ask(person.cookies, path, fields)
        if status != wanted:
            self._wrong(f"{status} in place of {wanted}")
        return body

    def _wrong(self, what: str) -> None:
        with self._lock:
            self.told.errors[what] += 1


class Line:
    """A connection that people share, as behind a load balancer. One that was idle for a second is made anew:
    the server ends it after two.
    """

    def __init__(self, port: int) -> None:
        self._browser = Browser(product.HOST, port, {})
        self._used = time.monotonic()

    def ask(self, cookies: dict[str, str], path: str, fields: dict[str, str] | None) -> tuple[int, bytes]:
        if time.monotonic() - self._used > 1:
            self._browser.close()
        try:
            return self._browser.ask(path, fields, cookies)
        finally:
            self._used = time.monotonic()

    def close(self) -> None:
        self._browser.close()


def result(day: Day, cases: int, rate: float, seconds: float) -> dict[str, Any]:
    told, times = day.told, sorted(day.told.times)
    return {
        "cases": cases,
        "rate": rate,
        "seconds": seconds,
        "requests": len(times),
        "reads": round(told.kinds["read"] / len(times), 3),
        "people": len(day.people),
        "errors": dict(told.errors),
        "p50_ms": round(median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
    }
