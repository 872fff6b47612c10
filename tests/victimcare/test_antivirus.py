"""The virus scanner looks at each file before it is kept; where it is silent, nothing is taken."""

import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core import checks

from cases.models import Document
from tests.attacks.files import EICAR
from tests.cases.test_documents import send
from tests.victimcare.scanners import Scanner


@pytest.fixture(params=["tcp", "socket"])
def scanner(request: Any, settings: Any) -> Iterator[Scanner]:
    with TemporaryDirectory(prefix="vc-") as folder:  # a socket's path is short
        found = Scanner(Path(folder) if request.param == "socket" else None)
        settings.CLAMD_ADDRESS = found.address
        yield found
        found.close()


def test_what_is_clean_is_taken_after_it_was_seen_whole(world: Any, login: Any, scanner: Scanner) -> None:
    content = b"Words of a letter. " * 20_000
    send(login(world.caseworker), world.case, content)
    assert scanner.seen == [content]
    assert Document.objects.exists()


def test_what_is_infected_is_refused(world: Any, login: Any, scanner: Scanner) -> None:
    page = send(login(world.caseworker), world.case, EICAR).content.decode()
    assert "The virus scanner found something" in page
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    "says", [b"", b"INSTREAM size limit. ERROR\0", b"stream: OK but\0", b"UNKNOWN\0", b"x" * 9000]
)  # fmt: skip
def test_any_other_answer_is_no_answer(world: Any, login: Any, scanner: Scanner, says: bytes) -> None:
    scanner.says = says
    assert "does not answer" in send(login(world.caseworker), world.case).content.decode()
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    "says",
    [b"INSTREAM size limit exceeded. ERROR\0", b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"],
)
def test_what_is_too_large_for_it_is_said(world: Any, login: Any, scanner: Scanner, says: bytes) -> None:
    scanner.says = says
    assert "larger than the virus scanner takes" in send(login(world.caseworker), world.case).content.decode()
    assert not Document.objects.exists()


def test_what_it_says_before_it_hangs_up_is_read(world: Any, login: Any, scanner: Scanner) -> None:
    """As ClamAV does beyond its StreamMaxLength: the rest cannot be sent to it."""
    scanner.longest = 100_000
    page = send(login(world.caseworker), world.case, b"Words. " * 1_000_000).content.decode()
    assert "larger than the virus scanner takes" in page
    assert not Document.objects.exists()


@pytest.mark.parametrize("address", ["closed port", "/nonexistent/clamd.socket", "nonsense", "host:port"])
def test_nothing_is_taken_while_it_is_silent(world: Any, login: Any, settings: Any, address: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{probe.getsockname()[1]}"
        settings.CLAMD_ADDRESS = closed if address == "closed port" else address
        assert "does not answer" in send(login(world.caseworker), world.case).content.decode()
    assert not Document.objects.exists()


def test_without_one_files_are_taken_and_a_deployment_is_warned(
    world: Any, login: Any, settings: Any
) -> None:
    settings.CLAMD_ADDRESS = ""
    send(login(world.caseworker), world.case, EICAR)
    assert Document.objects.exists()
    settings.LOCAL = False
    assert "victimcare.W011" in warned()
    settings.CLAMD_ADDRESS = "/run/clamav/clamd.ctl"
    assert "victimcare.W011" not in warned()


def warned() -> set[str | None]:
    return {one.id for one in checks.run_checks(tags=["victimcare"], include_deployment_checks=True)}
