"""Puts load on the product's pages over HTTP and measures what each costs.

Pages are asked in turns, a slice each, in several rounds: what else happens on the machine falls on all
alike. A figure is the median over the rounds.
"""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks import machine, pages, processes
from benchmarks.pages import Page
from victimcare.local import children, product
from victimcare.local.places import CHECKOUT
from victimcare.local.problems import Problem

CLIENTS = 4
ROUNDS, REQUESTS = 9, 100
FIGURES = ("p50_ms", "p95_ms", "rps", "app_cpu_ms", "db_cpu_ms")

Figures = dict[str, float]


@dataclass
class Client:
    """One of the processes that ask."""

    process: subprocess.Popen[str]

    def told(self, said: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{said}\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise Problem("A client of the bench has ended; its own words are above.")
        return json.loads(line)


@dataclass
class Bench:
    """The running product, its clients, and the sessions of the people that they are."""

    made: Any
    env: dict[str, str]
    port: int
    web: processes.Parent
    database: processes.Parent
    clients: list[Client]
    sessions: dict[str, list[dict[str, str]]]
    found: dict[str, list[Figures]] = field(default_factory=dict)
    wrong: int = 0

    def slice(self, page: Page, number: int, requests: int) -> None:
        """All clients ask for this page, each as often; the clock runs from the first to the last."""
        cast = self.made.cast
        asked = {"path": page.address(cast), "post": page.post, "count": requests // len(self.clients)}
        for place, client in enumerate(self.clients):
            known = {"cookies": self.sessions[cast[page.by]][place], "cast": cast if page.post else {}}
            client.told(json.dumps(asked | known | {"seed": number * 100 + place}))
        for client in self.clients:
            client.answer()
        app, db = self.web.worked_ms(), self.database.worked_ms()
        for client in self.clients:
            client.told("go")
        answers = [client.answer() for client in self.clients]
        app, db = self.web.worked_ms() - app, self.database.worked_ms() - db
        self.wrong += sum(answer["wrong"] for answer in answers)
        self.found.setdefault(page.name, []).append(_figures(answers, app, db))

    def result(self, cases: int) -> dict[str, Any]:
        """As `benchmarks/results/latest.json` has it. Raises `Problem` where a page was not answered."""
        if self.wrong:
            raise Problem(f"{self.wrong} requests of the bench were not answered as they should be.")
        told = {name: self._of_page(name) for name in self.found}
        floors = {page.name: told.pop(page.name) for page in pages.FLOORS}
        memory = round(self.web.largest_mb(), 1)
        facts = machine.facts(self.env["DATABASE_URL"])
        return {"cases": cases, "pages": told, "floors": floors, "memory_mb": memory, "machine": facts}

    def _of_page(self, name: str) -> dict[str, Any]:
        return {figure: round(median(one[figure] for one in self.found[name]), 2) for figure in FIGURES}


def _figures(answers: list[Any], app: float, db: float) -> Figures:
    times = sorted(one for answer in answers for one in answer["times"])
    took = max(answer["ended"] for answer in answers) - min(answer["began"] for answer in answers)
    return {
        "p50_ms": median(times),
        "p95_ms": times[int(len(times) * 0.95)],
        "rps": len(times) / took,
        "app_cpu_ms": app / len(times),
        "db_cpu_ms": db / len(times),
    }


def shorter() -> dict[str, int]:
    """ROUNDS and REQUESTS (a page and round) of the environment, for a shorter run."""
    asked = (("rounds", "ROUNDS", ROUNDS), ("requests", "REQUESTS", REQUESTS))
    return {name: int(os.environ.get(variable) or usual) for name, variable, usual in asked}


def measured(
    made: Mapping[int, Any], *, rounds: int = ROUNDS, requests: int = REQUESTS
) -> list[dict[str, Any]]:
    """All pages and both floors of these data sets, by their number of cases; page by page in turns."""
    asked = {"rounds": rounds, "requests": requests}
    for one in made.values():
        make_floor(one)
    with ExitStack() as stack:
        benches = {cases: stack.enter_context(opened(one)) for cases, one in made.items()}
        _turns(benches.values(), 0, requests)
        for bench in benches.values():
            # That round was to warm up.
            bench.found.clear()
        for number in range(1, rounds + 1):
            _turns(benches.values(), number, requests)
            print(f"Round {number} of {rounds} is over.", flush=True)
        found = [bench.result(cases) | asked for cases, bench in benches.items()]
    # The background worker has caught up by then: what it sends to people is on their pages.
    return [_with_counts(one, counted(made[one["cases"]])) for one in found]


def _with_counts(found: dict[str, Any], counts: dict[str, dict[str, int]]) -> dict[str, Any]:
    for name, figures in (found["pages"] | found["floors"]).items():
        figures |= counts[name]
    return found


def _turns(benches: Collection[Bench], number: int, requests: int) -> None:
    for page in (*pages.PAGES, *pages.FLOORS):
        for bench in benches:
            bench.slice(page, number, requests)


@contextmanager
def opened(made: Any) -> Iterator[Bench]:
    """The product running on this data set, and four clients."""
    env = environment(made.env)
    users = {made.cast[page.by] for page in pages.PAGES}
    sessions = asked_of("benchmarks.sessions", dict.fromkeys(users, CLIENTS), env)
    port = product.free_port()
    with product.running(env, port, made.local) as parts, clients(CLIENTS, port, env) as asking:
        web = processes.Parent(parts[0].process.pid)
        yield Bench(made, env, port, web, processes.database(env["DATABASE_URL"]), asking, sessions)


def environment(env: dict[str, str]) -> dict[str, str]:
    return env | {"DJANGO_SETTINGS_MODULE": "benchmarks.settings"}


def make_floor(made: Any) -> None:
    """The plain floor's table, by the owner; the product's own are not touched."""
    asked_of("benchmarks.floor_table", {}, environment(made.env) | {"VICTIMCARE_ROLE": "owner"})


def counted(made: Any) -> dict[str, Any]:
    """By page what does not depend on the machine."""
    return dict(asked_of("benchmarks.counts", made.cast, environment(made.env)))


def asked_of(module: str, said: Any, env: dict[str, str]) -> Any:
    """What a process of its own answers: this one stays without Django."""
    done = subprocess.run(
        children.bound([sys.executable, "-m", module]),
        input=json.dumps(said), stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, env=env, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Problem(f"A step of the bench failed ({module}); its own words are above.")
    return json.loads(done.stdout)


@contextmanager
def clients(count: int, port: int, env: dict[str, str]) -> Iterator[list[Client]]:
    command = children.bound([sys.executable, "-m", "benchmarks.client", product.HOST, str(port)])
    with ExitStack() as stack:
        yield [Client(stack.enter_context(_process(command, env))) for _ in range(count)]


@contextmanager
def _process(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, env=env
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()
