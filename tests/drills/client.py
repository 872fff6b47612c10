"""Requests through the WSGI application, as a web server's thread sends them: exceptions become answers, and
the connection to the database is kept or closed as in the product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import RawIOBase
from typing import Any
from urllib.parse import urlencode

from django.test import RequestFactory

from tests.drills.visits import Visit

TOKEN = "t" * 32


class HungUp(RawIOBase):
    """A client that goes away while it sends."""

    def read(self, *args: Any) -> bytes:
        raise OSError


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


def ask(application: Callable[..., Any], visit: Visit, session: str) -> Answer:
    """What came back, headers too. Whoever deserts has asked, and neither reads nor lets the server end."""
    said: dict[str, str] = {}

    def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
        said.update(status=status[:3], headers=str(headers))

    response = application(_environment(visit, session), start)
    if visit.around == "deserts":
        return Answer(int(said["status"]), said["headers"])
    body = b"".join(response)
    response.close()
    return Answer(int(said["status"]), said["headers"] + body.decode())


def _environment(visit: Visit, session: str) -> dict[str, Any]:
    cookies = (
        {"csrftoken": TOKEN} if visit.around == "signed out" else {"csrftoken": TOKEN, "sessionid": session}
    )
    request = RequestFactory().generic(
        "GET" if visit.data is None else "POST",
        visit.path,
        urlencode(visit.data or {}),
        content_type="application/x-www-form-urlencoded",
        headers={
            "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "x-csrftoken": TOKEN,
        },
        SERVER_NAME="127.0.0.1",
    )
    environment: dict[str, Any] = request.environ
    return environment | ({"wsgi.input": HungUp()} if visit.around == "hangs up" else {})
