"""The runner of planted faults tells a guard that sleeps from one that bites."""

from contextlib import nullcontext

import pytest

from tests.planted.plugin import Fault, Planting, faults


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        (("passed", "failed"), "red"),
        (("passed", "passed"), "NOT RED"),
        (("failed", "failed"), "red without its fault"),
        (("skipped", "failed"), "red without its fault"),
        (("passed", "error"), "NOT RED"),
    ],
)
def test_a_guard_turns_red_with_its_fault_only(monkeypatch, outcomes, verdict):
    fault = Fault("invented", "tests/test_planted.py::test_x", nullcontext, is_planted=True)
    runs = iter(outcomes)
    monkeypatch.setattr(Planting, "_run", lambda self, item, planted: next(runs))
    assert Planting([fault])._try(None, fault) == verdict


def test_a_fault_that_cannot_be_planted_is_not_red(monkeypatch):
    fault = Fault("invented", "tests/test_planted.py::test_x", nullcontext)
    runs = iter(("passed", "failed"))
    monkeypatch.setattr(Planting, "_run", lambda self, item, planted: next(runs))
    assert Planting([fault])._try(None, fault) == "could not be planted"


def test_every_module_lists_its_faults_once():
    listed = faults()
    assert len(listed) >= 10
    assert len({fault.name for fault in listed}) == len(listed)
