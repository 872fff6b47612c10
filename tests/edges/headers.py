"""The headers that every answer carries, and what an answer lacks of them; what its forms lack."""

import re
from typing import Any

from tests.matrix.asking import TRACES

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
# Of a file that somebody once brought in: nothing in it acts, wherever a browser may show it.
DOWNLOADED = {"sandbox": "", "default-src": "'none'", "frame-ancestors": "'none'"}


def missing(answer: Any, *, static: bool = False) -> list[str]:
    """What an answer lacks, in words."""
    wrong = [f"{name}: {answer.get(name)}" for name, value in ALWAYS.items() if answer.get(name) != value]
    allowed = (POLICY, DOWNLOADED) if "Content-Disposition" in answer.headers else (POLICY,)
    if _policy(answer) not in allowed:
        wrong.append(f"Content-Security-Policy: {answer.get('Content-Security-Policy')}")
    powers = answer.get("Permissions-Policy", "").split(", ")
    if "camera=()" not in powers or any(not one.endswith(("=()", "=(self)")) for one in powers):
        wrong.append(f"Permissions-Policy: {powers}")
    if not static and answer.get("Cache-Control") != "no-store":
        wrong.append(f"Cache-Control: {answer.get('Cache-Control')}")
    return wrong


def telling(answer: Any) -> list[str]:
    """A title with a word, number or id of a record."""
    title = re.search(r"<title>(.*?)</title>", "" if answer.streaming else answer.content.decode(), re.DOTALL)
    said = title[1].lower() if title else ""
    return [f"the title says {said}"] if TRACES.search(said) or re.search(r"\d", said) else []


def unguarded(answer: Any) -> list[str]:
    """Forms that no browser can send: without the token they are taken for forged."""
    page = "" if answer.streaming else answer.content.decode()
    forms = re.findall(r"<form\b[^>]*\bmethod=\"post\"[^>]*>.*?</form>", page, re.DOTALL | re.IGNORECASE)
    return [one for one in forms if "csrfmiddlewaretoken" not in one]


def _policy(answer: Any) -> dict[str, str]:
    parts = (one.strip().partition(" ") for one in answer.get("Content-Security-Policy", "").split(";"))
    return {name: values for name, _space, values in parts if name}
