"""Input that other programs would take for their own: patterns, formulas, addresses to ask or be led to."""

import ast
import io
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import getmembers
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver, reverse
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from victimcare import spreadsheets
from victimcare.encryption.dates import PartialDate
from victimcare.forms import new_record_id

ROOT = Path(__file__).parent.parent.parent
APPS = ("victimcare", "certification", "cases", "referrals")


def sources() -> Iterator[tuple[str, str]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            place = path.relative_to(ROOT)
            if not {"local", "migrations", "wsgi.py"} & set(place.parts):
                yield str(place), path.read_text(encoding="utf-8")


# -- Patterns that take for ever -----------------------------------------------------------------------------

LONG = 50_000
UNITS = (
    " ",
    "a",
    "1",
    "-",
    ".",
    "(",
    "+",
    "1-",
    "a ",
    ". ",
    "' ",
    "@",
    "\t",
    "é",
    "0/",
    "~",
    "a@",
    "-1.",
    "\n",
)
PATIENCE = 5  # seconds for all of them; a pattern that goes back and forth needs years


def own_patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern that the product's modules hold, and those of its addresses."""
    import importlib

    found = {}
    for place, _source in sources():
        name = place.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for label, value in getmembers(importlib.import_module(name)):
            if isinstance(value, re.Pattern):
                found[f"{name}.{label}"] = value
    return found | {str(one.pattern): one.pattern.regex for one in get_resolver().url_patterns}


@contextmanager
def impatient(seconds: int) -> Iterator[None]:
    """Ends what hangs: a pattern holds the interpreter until it is done."""

    def give_up(*args: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def hangs(pattern: re.Pattern[Any]) -> bool:
    try:
        with impatient(PATIENCE):
            for unit in UNITS:
                for ending in ("", "!", "\x00"):
                    text = unit * (LONG // len(unit)) + ending
                    subject: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
                    pattern.fullmatch(subject), pattern.search(subject), pattern.match(subject)
    except TimeoutError:
        return True
    return False


def test_no_pattern_of_the_product_hangs():
    patterns = own_patterns()
    assert len(patterns) >= 10
    assert [name for name, pattern in patterns.items() if hangs(pattern)] == []


def test_a_pattern_that_hangs_is_found():
    assert hangs(re.compile(r"(\w+\s?)+$"))


@given(st.text())
def test_a_date_in_words_is_a_date_or_refused(text):
    try:
        PartialDate(text)
    except (ValueError, ValidationError):
        return


# -- Formulas ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_zero_byte_is_refused_in_words(world, login):
    """The database takes none in a text."""
    given = {"record_id": new_record_id(), "kind": "work", "text": "a\x00b"}
    answer = login(world.caseworker).post(reverse("cases:note_add", args=[world.case.pk]), given)
    assert answer.status_code == 200
    assert "Null characters are not allowed." in answer.content.decode()


# What begins like a formula, more often than by chance.
CELLS = st.text() | st.builds(str.__add__, st.sampled_from(spreadsheets.FORMULAS), st.text())


@given(CELLS)
def test_no_cell_is_a_formula_and_each_comes_back_as_it_was(text):
    cell = spreadsheets.defused(text)
    assert not cell.startswith(spreadsheets.FORMULAS)
    if not text.startswith(spreadsheets.MARK):
        assert spreadsheets.as_given(cell) == text


@pytest.mark.parametrize("start", spreadsheets.FORMULAS)
def test_a_formula_is_shown_as_words(start):
    output = io.StringIO()
    spreadsheets.write(output, [[f"{start}cmd|'/C calc'!A0", 7, None]])
    assert output.getvalue().lstrip('"').startswith("'")


def csv_writers(source: str) -> list[int]:
    """Lines that write CSV by themselves."""
    names = {"writer", "DictWriter"}
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr in names and ast.unparse(node.value) == "csv")
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "csv"
            and {one.name for one in node.names} & names
        )
    ]


def test_csv_is_written_in_one_place():
    found = {place for place, source in sources() if csv_writers(source)}
    assert found == {"victimcare/spreadsheets.py"}


@pytest.mark.parametrize(
    "planted", ["csv.writer(file)", "csv.DictWriter(file, names)", "from csv import writer"]
)
def test_guard_of_csv_finds_what_is_planted(planted):
    assert csv_writers(planted) == [1]


# -- Addresses that the server would be made to ask ----------------------------------------------------------

# Module -> why it opens a connection. None takes its address from what somebody wrote.
CONNECTS = {
    "victimcare/encryption/vault.py": "the root key; the address is a setting, https, without redirects",
    "victimcare/files/antivirus.py": "ClamAV; the address is a setting",
    "victimcare/identifiers.py": "opens none: how the driver reads ids of the connection that is there",
    "victimcare/planned.py": "opens none: how the driver writes a value into a statement",
    "victimcare/deployment/database.py": "tries whether the database takes a wrong password",
}
NETWORK = frozenset({
    "socket", "http", "urllib.request", "requests", "httpx", "aiohttp", "urllib3", "ftplib", "smtplib",
    "telnetlib", "xmlrpc", "imaplib", "poplib", "psycopg2",
})  # fmt: skip


def connects(source: str) -> list[int]:
    """Lines that import what can open a connection to somewhere."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        if any(name in NETWORK or name.split(".")[0] in NETWORK for name in names):
            found.append(node.lineno)
    return found


def test_nothing_asks_an_address_that_somebody_wrote():
    assert {place for place, source in sources() if connects(source)} - set(CONNECTS) == set()


@pytest.mark.parametrize(
    "planted",
    ["import requests", "from urllib.request import urlopen", "from urllib import request", "import socket"],
)
def test_guard_of_connections_finds_what_is_planted(planted):
    assert connects(planted) == [1]


# -- Being led elsewhere -------------------------------------------------------------------------------------

ELSEWHERE = (
    "https://elsewhere.example/", "//elsewhere.example/", "///elsewhere.example", "\\\\elsewhere.example",
    "/\\elsewhere.example", "javascript:alert(1)", "http:elsewhere.example", "https:///elsewhere.example",
    "http://testserver@elsewhere.example/", "http://testserver.elsewhere.example/", "\thttps://elsewhere.example",
    "data:text/html,x", "//elsewhere.example%2f..", "https://elsewhere.example\\@testserver/",
)  # fmt: skip


def leads_elsewhere(address: str) -> bool:
    """As a browser reads it: a backslash is a slash, control characters are nothing."""
    read = re.sub(r"[\t\r\n]", "", address).strip().replace("\\", "/")
    own = read.startswith("/") and not read.startswith("//")
    return not (own or read.startswith("http://testserver/"))


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("how", ["language", "login", "logout", "consent"])
def test_nobody_is_led_elsewhere(world, login, address, how):
    world.caseworker.set_password(factories.PASSWORD)
    world.caseworker.save()
    if how == "language":
        answer = Client().post(reverse("language"), {"language": "es", "next": address})
    elif how == "login":
        given = {"login": "caseworker", "password": factories.PASSWORD, "next": address}
        answer = Client().post(reverse("account_login"), given)
    elif how == "logout":
        answer = login(world.caseworker).post(reverse("account_logout"), {"next": address})
    else:
        path = reverse("cases:consent_add", args=[world.case.pk])
        answer = login(world.caseworker).get(path, {"next": address})
        assert f'href="{address}"' not in answer.content.decode()
        return
    assert answer.status_code == 302
    assert not leads_elsewhere(answer.url)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_the_reader_of_addresses_knows_elsewhere(address):
    assert leads_elsewhere(address)
    assert not leads_elsewhere("/cases/")
