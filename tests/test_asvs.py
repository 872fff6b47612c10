"""docs/asvs.md: every item has a link, and every link leads to a test or a file that is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([123]) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
LINK = re.compile(r"`([^`]+)`")
# Items that the page says are not kept yet.
PENDING = frozenset({"6.7.1"})


def rows(text: str) -> dict[str, list[str]]:
    """The links of each item."""
    return {item: LINK.findall(kept) for item, _level, _words, kept in ROW.findall(text)}


def page() -> str:
    return (ROOT / "docs/asvs.md").read_text(encoding="utf-8")


@cache
def names_in(place: str) -> frozenset[str]:
    tree = ast.parse((ROOT / place).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def leads_nowhere(link: str) -> bool:
    place, _colons, name = link.partition("::")
    if not (ROOT / place).is_file():
        return True
    return bool(name) and name not in names_in(place)


def test_every_link_leads_to_a_test_or_a_file():
    links = {link for found in rows(page()).values() for link in found}
    assert len(links) > 80
    assert sorted(filter(leads_nowhere, links)) == []


def test_every_item_is_kept_by_something():
    assert {item for item, links in rows(page()).items() if not links} == PENDING


def test_every_line_of_a_table_is_read_and_each_item_stands_once():
    lines = re.findall(r"^\| (\d+\.\d+\.\d+) ", page().partition("## What does not apply")[0], re.MULTILINE)
    assert lines == list(rows(page()))
    assert len(lines) == len(set(lines)) > 150


@pytest.mark.parametrize(
    "planted", ["tests/gone.py::test_x", "tests/test_asvs.py::test_gone", "docs/gone.md"]
)
def test_a_link_that_leads_nowhere_is_found(planted):
    row = f"| 1.2.4 | 1 | statements and values apart | `{planted}` |\n"
    assert [leads_nowhere(link) for link in rows(row)["1.2.4"]] == [True]
    assert not leads_nowhere("tests/test_asvs.py::test_every_link_leads_to_a_test_or_a_file")
