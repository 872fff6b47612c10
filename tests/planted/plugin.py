"""A pytest plugin for `make planted`: every guard is run as it is, then with its fault, and has to turn red.

A module of this folder lists its faults: FAULTS = [(name, …, pytest node id, plant), …]. `plant()` gives a
context manager that breaks something in this process, or through `sql()` in the test's database. It is
entered after the test's fixtures and left before they end: what a test builds, a whole product builds.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.db import connection

GREEN, RED = "passed", "failed"


@dataclass(slots=True)
class Fault:
    name: str
    guard: str
    plant: Callable[[], AbstractContextManager[Any]]
    verdict: str = "guard not found"
    is_planted: bool = False


@contextmanager
def sql(do: str, undo: str = "") -> Iterator[None]:
    """Statements as the database's owner, in the test's transaction. `undo` is for tests that commit."""
    _as_owner(do)
    try:
        yield
    finally:
        if undo:
            _as_owner(undo)


@contextmanager
def second_wall_away(plant: Callable[[], AbstractContextManager[Any]]) -> Iterator[None]:
    """A fault of the application that the database makes good: both walls have to be away for it to show."""
    from tests.conftest import owner  # the settings are read by then

    with owner(), plant():
        yield


def _as_owner(statements: str) -> None:
    from tests.conftest import owner  # the settings are read by then

    with owner(), connection.cursor() as cursor:
        cursor.execute(statements)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--plant", default="", metavar="WORDS", help="only faults whose name holds these words")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """The guards are what is collected, whatever else was named."""
    config.pluginmanager.register(Planting(faults(config.getoption("plant"))), "planting")


def faults(words: str = "") -> list[Fault]:
    """Those of every module of this folder; in the middle of a line may stand what is broken."""
    modules = [
        importlib.import_module(f"tests.planted.{one.name}")
        for one in pkgutil.iter_modules([str(Path(__file__).parent)])
    ]
    listed = [line for module in modules for line in getattr(module, "FAULTS", ())]
    return [Fault(line[0], line[-2], line[-1]) for line in listed if words in line[0]]


class Planting:
    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self.planted: Fault | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        session.config.args = sorted({fault.guard for fault in self.faults})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Instead of once: for each fault of this guard without it and with it."""
        mine = [fault for fault in self.faults if fault.guard == item.nodeid]
        for fault in mine:
            fault.verdict = self._try(item, fault)
        # What is shared by a module ends when its last guard has run.
        item.session._setupstate.teardown_exact(nextitem)
        return True

    def _try(self, item: pytest.Item, fault: Fault) -> str:
        if self._run(item, None) != GREEN:
            return "red without its fault"
        if self._run(item, fault) == RED:
            return "red" if fault.is_planted else "could not be planted"
        return "NOT RED"

    def _run(self, item: pytest.Item, fault: Fault | None) -> str:
        self.planted = fault
        # Up to its module everything stays as it is, for the next run.
        reports = runtestprotocol(item, log=False, nextitem=item.parent)  # type: ignore[arg-type]  # any node will do
        if any(one.failed for one in reports if one.when != "call"):
            return "error"
        return next((one.outcome for one in reports if one.when == "call"), "skipped")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        if self.planted is None:
            return (yield)  # how pytest's wrappers answer
        from tests.prepared import written_anew  # the settings are read by then

        with self.planted.plant(), written_anew():
            self.planted.is_planted = True
            return (yield)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        found = self.faults and all(fault.verdict == "red" for fault in self.faults)
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = pytest.ExitCode.OK if found else pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for fault in self.faults:
            words = f"{fault.verdict:8}  {fault.name}"
            told = words if fault.verdict == "red" else f"{words}\n          {fault.guard}"
            terminalreporter.write_line(told)
        red = sum(fault.verdict == "red" for fault in self.faults)
        terminalreporter.write_line(f"{red} of {len(self.faults)} planted faults were found.")
