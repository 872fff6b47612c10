"""A pytest plugin for `make mutants`: how many small faults in a module do the tests notice?

First every test runs as it is, and which functions it runs is noted. Then each mutant gets a process of its
own, in which its function is replaced, and the tests that run it, likeliest first, until one fails.

A mutant that dies, or with which a test takes many times as long, was noticed. Who survives here may still be
found by a browser test or the matrix.
"""

import gc
import importlib
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from mmap import mmap
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.db import connections

from tests.mutants.groups import GROUPS, Group
from tests.mutants.mutations import Mutant, Place, mutants
from victimcare.local.places import CHECKOUT

# A function that everything runs is judged by so many tests, those that are near to it first.
TESTS_EACH = 60
SURVIVED, NOTICED, NOT_PLANTED = range(3)
# Which of its tests a process runs just now; it shares this byte with the process that began it.
_at = mmap(-1, 1)
Function = tuple[str, Place]  # file, and which function in it


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutants", default="", metavar="GROUP", help="which modules are mutated")
    parser.addoption("--part", default="1/1", metavar="N/M", help="every M-th mutant, from the N-th")
    parser.addoption("--only", default="", metavar="TEXT", help="mutants whose name has this text in it")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Mutating(config, GROUPS[config.getoption("mutants")]), "mutating")


class Mutating:
    def __init__(self, config: pytest.Config, group: Group) -> None:
        self.group = group
        self.part, self.parts = (int(number) for number in config.getoption("part").split("/"))
        self.only = config.getoption("only")
        self.paths = {str(CHECKOUT / path) for path in group.modules()}
        self.survivors: list[Mutant] = []
        self.count = 0
        # How often a test noticed a fault in this file, and in this function: it is asked first.
        self.noticed: Counter[tuple[pytest.Item, object]] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        session.config.args = self.group.files()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """What a test commits would be there for the next mutant."""
        items[:] = [item for item in items if not _commits(item)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for path in self.group.modules():
            importlib.import_module(".".join(path.with_suffix("").parts))
        seconds, tests_of = self._as_it_is(session)
        for connection in connections.all():
            connection.close()
        if _run(None, list(seconds.items())) == NOTICED:
            raise pytest.UsageError("The tests fail in a process of their own, without any fault.")
        for mutant in self._chosen():
            tests = tests_of[str(CHECKOUT / mutant.path), mutant.place]
            ordered = sorted(tests, key=lambda item: (*self._likely(item, mutant), seconds[item]))
            del ordered[TESTS_EACH:]
            self.count += 1
            if _run(mutant, [(item, seconds[item]) for item in ordered]) == NOTICED and ordered:
                by = ordered[_at[0]]
                self.noticed.update([(by, mutant.path), (by, mutant.place)])
            else:
                self.survivors.append(mutant)
                session.config.get_terminal_writer().line(
                    f"survived: {mutant.path}:{mutant.line} {mutant.name}"
                )
        session._setupstate.teardown_exact(None)
        return True

    def _as_it_is(
        self, session: pytest.Session
    ) -> tuple[dict[pytest.Item, float], dict[Function, set[pytest.Item]]]:
        """Seconds of each test, and which tests run a function. Raises UsageError where one fails."""
        seconds, tests_of = {}, defaultdict(set)
        for item in session.items:
            _forget(self.paths)
            began = time.monotonic()
            with _noting(self.paths) as ran:
                passed = _passes(item)
            if passed is False:
                raise pytest.UsageError(f"{item.nodeid} is red as it is.")
            seconds[item] = time.monotonic() - began
            for code in ran:
                tests_of[code.co_filename, (code.co_qualname, code.co_firstlineno)].add(item)
        return seconds, tests_of

    def _chosen(self) -> list[Mutant]:
        found = [mutant for path in self.group.modules() for mutant in mutants(CHECKOUT / path, str(path))]
        found = [mutant for mutant in found if self.only in mutant.name]
        return found[self.part - 1 :: self.parts]

    def _likely(self, item: pytest.Item, mutant: Mutant) -> tuple[int, int, bool]:
        """That this test notices it, the smaller the likelier."""
        word = mutant.path.rsplit("/", 1)[-1].removesuffix(".py").rstrip("s")
        is_near = word in item.nodeid.split("::")[0]
        return -self.noticed[item, mutant.place], -self.noticed[item, mutant.path], not is_near

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"mutants {self.count} survivors {len(self.survivors)}")


def _commits(item: pytest.Item) -> bool:
    marks = item.iter_markers("django_db")
    commits = any(mark.kwargs.get("transaction") for mark in marks)
    return commits or "transactional_db" in getattr(item, "fixturenames", ())


def _passes(item: pytest.Item) -> bool | None:
    """None where it is skipped. Up to its module everything stays as it is, for the next run."""
    reports = runtestprotocol(item, log=False, nextitem=item.session)  # type: ignore[arg-type]  # any node will do
    if any(one.failed for one in reports):
        return False
    return None if any(one.skipped for one in reports) else True


@contextmanager
def _noting(paths: set[str]) -> Iterator[set[CodeType]]:
    ran: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename in paths:
            ran.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield ran
    finally:
        sys.setprofile(None)


def _forget(paths: set[str]) -> None:
    """What functions of these files remember of earlier calls: a fault in them would never run."""
    for one in _cached():
        if one.__wrapped__.__code__.co_filename in paths:
            one.cache_clear()


@cache
def _cached() -> list[Any]:
    """After the modules are imported. `type()` because isinstance would wake what is lazy."""
    found = [one for one in gc.get_objects() if type(one) is type(_cached)]
    return [one for one in found if type(getattr(one, "__wrapped__", None)) is FunctionType]


def _run(mutant: Mutant | None, tests: list[tuple[pytest.Item, float]]) -> int:
    """NOTICED or SURVIVED, found out in a process that ends with it. Without a mutant all should be well."""
    sys.stdout.flush()
    _at[0] = 0
    child = os.fork()
    if child == 0:
        os._exit(_verdict(mutant, tests))
    _child, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == NOT_PLANTED:
        raise pytest.UsageError(f"Could not be planted: {mutant}")
    return SURVIVED if status == 0 else NOTICED


def _verdict(mutant: Mutant | None, tests: list[tuple[pytest.Item, float]]) -> int:
    if mutant:
        if not plant(mutant):
            return NOT_PLANTED
        _forget({str(CHECKOUT / mutant.path)})
    try:
        for number, (test, seconds) in enumerate(tests):
            _at[0] = min(number, TESTS_EACH)
            signal.alarm(30 + 10 * int(seconds))
            if _passes(test) is False:
                return NOTICED
    except BaseException:
        return NOTICED
    return SURVIVED


def plant(mutant: Mutant) -> int:
    """In every function object that has this code, however it is decorated: how many there are."""
    path, planted = str(CHECKOUT / mutant.path), 0
    for one in gc.get_objects():
        if type(one) is FunctionType:  # isinstance would wake what is lazy
            code = one.__code__
            if code.co_filename == path and (code.co_qualname, code.co_firstlineno) == mutant.place:
                one.__code__ = mutant.code
                planted += 1
    return planted
