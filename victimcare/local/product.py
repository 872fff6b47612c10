"""The running product: web server, background worker and sealer of the access log, on loopback."""

import http.client
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from victimcare.local import children, commands
from victimcare.local.places import CHECKOUT, private
from victimcare.local.problems import Problem

HOST = "127.0.0.1"
START_SECONDS = 60
WEB_OPTIONS = (
    *("--workers", "2", "--threads", "2", "--worker-class", "gthread"),
    # An access log would hold addresses of pages, which name cases.
    *("--error-logfile", "-", "--graceful-timeout", "5", "--no-control-socket"),
)


@dataclass(frozen=True)
class Part:
    """One process of the product, with the log it writes to."""

    name: str
    process: children.Process
    log: Path

    def stopped(self) -> bool:
        return self.process.poll() is not None

    def complaint(self) -> Problem:
        return Problem(f"The {self.name} has stopped by itself; its last words are at the end of {self.log}.")


@contextmanager
def running(env: Mapping[str, str], port: int, local: Path) -> Iterator[list[Part]]:
    """The product, answering on that port, for as long as the block lasts."""
    logs, parts = private(local / "log"), []
    web = [
        sys.executable,
        "-m",
        "gunicorn",
        "victimcare.wsgi:application",
        "--bind",
        f"{HOST}:{port}",
        *WEB_OPTIONS,
    ]
    worker = [*commands.MANAGE, "db_worker"]
    sealer = [*commands.MANAGE, "audit", "seal", "--watch"]
    try:
        for name, command in (("web server", web), ("background worker", worker), ("sealer", sealer)):
            log = children.fresh_log(logs / f"{name.replace(' ', '-')}.log")
            process = children.spawn(children.bound(command), log=log, env=env, cwd=CHECKOUT)
            parts.append(Part(name, process, log))
        _wait_until_healthy(port, parts)
        yield parts
    finally:
        _stop(parts)


def watch(parts: list[Part]) -> None:
    """Return never; raise `Problem` when a part stops by itself."""
    while True:
        for part in parts:
            if part.stopped():
                raise part.complaint()
        time.sleep(0.5)


def check_port(port: int) -> None:
    """Raise `Problem` unless this port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise Problem(
                f"Port {port} needs more rights than you have: choose one from 1024 up, as PORT=8001."
            ) from error
        except OSError as error:
            raise Problem(
                f"Port {port} is in use: choose another, for example `make run PORT={port + 1}`."
            ) from error


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        number: int = probe.getsockname()[1]
        return number


def _wait_until_healthy(port: int, parts: list[Part]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _healthy(port):
        for part in parts:
            if part.stopped():
                raise part.complaint()
        if time.monotonic() > deadline:
            raise Problem(f"The product does not answer after {START_SECONDS} seconds; see {parts[0].log}.")
        time.sleep(0.1)


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(parts: list[Part]) -> None:
    for part in parts:
        if not part.stopped():
            part.process.terminate()
    for part in parts:
        children.stop(part.process)
