"""Requests that no page of ours sends: what may stand in them, and how they are sent.

Hypothesis draws an `Attack`; `sent` makes the request of it. A field is taken from the filled form of its
address, so that what stands around a hostile value is right, and the value itself is reached.
"""

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_from_bytes

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.http.cookie import SimpleCookie
from hypothesis import strategies as st

from tests.matrix.asking import Asker, Question
from tests.matrix.filled import FILLED
from tests.matrix.table import table

ROLES = ("caseworker", "supervisor", "provider", "officer", "practitioner", "auditor", "admin", "nobody")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "")
URLENCODED = "application/x-www-form-urlencoded"
# Names that pages read from an address, and some that none does.
ASKED = (
    "after", "show", "q", "next", "worker", "team", "status", "account", "since", "until", "service_kind",
    "region", "recipient", "words", "place", "language", "format", "page", "contacts-TOTAL_FORMS", "_method",
)  # fmt: skip

# As bytes: a browser can send any.
VALUES: tuple[bytes, ...] = tuple(
    one if isinstance(one, bytes) else one.encode()
    for one in (
        # Nothing, zero bytes, control characters, halves of letters, bytes that are no text.
        "", " ", "\x00", "a\x00b", "\x01\x02\x7f", "\r\nSet-Cookie: a=b", b"\xed\xa0\x80", b"\xff\xfe",
        b"\xc0\x80", b"\xf5\x80\x80\x80", "\ufeff", "\uffff", "\u202egnp.exe", "\u200d" * 50,
        "e" + "\u0301" * 500, "ﷺ" * 500,
        # Numbers and dates at and past every edge.
        "0", "-1", "2147483648", "9223372036854775808", "9" * 5_000, "1e309", "NaN", "Infinity", "-0", "0x10",
        "1_000", "٣", "²", "1.5", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30",
        "0001-01-01T00:00", "9999-12-31T23:59", "2026-11-26T25:61", "2026-W01", "99/99/9999",
        "31-12-9999",
        # Ids, signatures, lists, keys of pages.
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "{pk}",
        "None", "null", "eyJ9:1abc:xyz", "ImEi:1t:AAAA", ".eJw:1:2", ":::", "a:" * 1_000, "[]", '["a"]', "{}",
        '{"a":' * 3_000, "[" * 50_000, "7K4-7K4-7K4-7",
        # What other programs take for their own.
        "' OR 1=1 --", '"; DROP TABLE cases_case; --', "$$;$$", "%s%s%n", "%(a)s", "{{7*7}}", "{% debug %}",
        "${jndi:ldap://x}", "<script>alert(1)</script>", "../../../../etc/passwd", "=cmd|'/C calc'!A0",
        "//elsewhere.example/", "javascript:alert(1)", "http://169.254.169.254/latest/", "\\\\host\\share",
        # Long, and hard for a pattern.
        "a" * 100_000, "a" * 255, "a" * 256, " " * 20_000 + "x", "(" * 5_000, "1-" * 5_000, "@." * 5_000,
        "+" * 5_000, "\n" * 5_000, "😀" * 2_000,
    )
)  # fmt: skip

HEADERS: tuple[tuple[str, str], ...] = (
    ("HTTP_HOST", "elsewhere.example"), ("HTTP_HOST", "testserver:99999999"), ("HTTP_HOST", "[::1"),
    ("HTTP_HOST", "a" * 5_000), ("HTTP_HOST", ""), ("HTTP_HOST", "test\x00server"), ("HTTP_HOST", "\xe9"),
    ("HTTP_ACCEPT_LANGUAGE", "a" * 5_000), ("HTTP_ACCEPT_LANGUAGE", "en;q=1e999"),
    ("HTTP_ACCEPT_LANGUAGE", ",".join(["xx-yy;q=0.1"] * 500)), ("HTTP_ACCEPT_LANGUAGE", "../../etc"),
    ("HTTP_ACCEPT_LANGUAGE", "en\x00"), ("HTTP_ACCEPT_LANGUAGE", "-" * 400),
    ("HTTP_COOKIE", "sessionid"), ("HTTP_COOKIE", "sessionid=;;;=;\x00"), ("HTTP_COOKIE", "sessionid=\x00"),
    ("HTTP_COOKIE", "sessionid=" + "a" * 8_000), ("HTTP_COOKIE", "sessionid=\xff\xfe"),
    ("HTTP_COOKIE", "sessionid=' OR 1=1"), ("HTTP_COOKIE", "sessionid=" + "a" * 32),
    ("HTTP_COOKIE", "csrftoken=\x00;django_language=../../x"),
    ("HTTP_COOKIE", "django_language=" + "x" * 900),
    ("HTTP_COOKIE", "messages=[[broken"), ("HTTP_COOKIE", "=" * 4_000),
    ("HTTP_ORIGIN", "http://["), ("HTTP_ORIGIN", "\x00"), ("HTTP_ORIGIN", "null"), ("HTTP_REFERER", "http://[::"),
    ("HTTP_REFERER", "\xff" * 100), ("HTTP_X_CSRFTOKEN", "\x00" * 32), ("HTTP_X_CSRFTOKEN", "é" * 64),
    ("HTTP_X_FORWARDED_FOR", "'; --"), ("HTTP_X_FORWARDED_FOR", ",,,,"), ("HTTP_X_FORWARDED_PROTO", "gopher"),
    ("HTTP_X_FORWARDED_HOST", "elsewhere.example"), ("HTTP_X_HTTP_METHOD_OVERRIDE", "DELETE"),
    ("HTTP_X_REQUESTED_WITH", "XMLHttpRequest"), ("HTTP_ACCEPT", "application/json"),
    ("HTTP_ACCEPT", "\x00/*;q"),
    ("HTTP_IF_MODIFIED_SINCE", "Thu, 99 Foo 0000"), ("HTTP_IF_NONE_MATCH", '"' * 99),
    ("HTTP_RANGE", "bytes=9-1"),
    ("HTTP_RANGE", "bytes=-" + "9" * 99), ("HTTP_CONTENT_ENCODING", "gzip"), ("HTTP_EXPECT", "100-continue"),
    ("CONTENT_LENGTH", "-1"), ("CONTENT_LENGTH", "x"), ("CONTENT_LENGTH", "9" * 30), ("CONTENT_LENGTH", ""),
    ("REMOTE_ADDR", ""), ("REMOTE_ADDR", "not an address"), ("HTTP_USER_AGENT", "\x00" * 999),
    ("HTTP_AUTHORIZATION", "Basic %%%"), ("HTTP_UPGRADE", "websocket"), ("HTTP_TRANSFER_ENCODING", "chunked"),
)  # fmt: skip

BROKEN_BODIES: tuple[tuple[str, bytes], ...] = (
    ("multipart/form-data", b""),
    ("multipart/form-data; boundary=", b"--\r\n"),
    ("multipart/form-data; boundary=x", b"--x"),
    ("multipart/form-data; boundary=x", b"--y\r\nnothing"),
    ("multipart/form-data; boundary=" + "x" * 900, b"--x"),
    ("multipart/form-data; boundary=\xff", b"--\xff\r\n"),
    (
        "multipart/form-data; boundary=x; charset=nonsense",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
    ),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"\x00" * 999,
    ),
    (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name*=utf-99''%ff\r\n\r\n1\r\n--x--",
    ),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../\x00.php"\r\n'
        b"Content-Type: text/html\r\n\r\n<b>\r\n--x--",
    ),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--",
    ),
    ("multipart/form-data; boundary=x", b"--x\r\n" + b"X: " + b"a" * 9_000 + b"\r\n\r\n1\r\n--x--"),
    ("application/json", b'{"a":' * 20_000),
    ("application/json", b"\xff\xfe\x00"),
    ("text/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ("application/octet-stream", bytes(range(256)) * 20),
    (f"{URLENCODED}; charset=utf-16", "given_names=é".encode("utf-16")),
    (f"{URLENCODED}; charset=nonsense", b"a=1"),
    (URLENCODED, b"&" * 2_000),
    (URLENCODED, b"=" * 2_000),
    (URLENCODED, b"%" * 2_000),
    (URLENCODED, b"&".join(b"f%d=1" % number for number in range(1_200))),
    (URLENCODED, b"a=" + b"x" * 3_000_000),
    ("", b"a=1"),
    ("\x00", b"a=1"),
)

PATHS = (
    "%00", "%ff%fe", "..%2f..%2fetc/passwd", "a" * 8_000, "%ED%A0%80", "//elsewhere.example", ";jsessionid=1",
    "%2e%2e/", "\\", "%0d%0aX: y", "?" * 50, "%", "%zz", "*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attack:
    """`fields`: which of the form's own fields hold which value; `extra`: names and values beside them."""

    url: str
    role: str
    pick: int
    method: str = "POST"
    fields: tuple[tuple[int, bytes], ...] = ()
    extra: tuple[tuple[bytes, bytes], ...] = ()
    query: tuple[tuple[bytes, bytes], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[str, bytes] | None = None
    path: str = ""


def _attacks() -> st.SearchStrategy[Attack]:
    values = st.sampled_from(VALUES) | st.binary(max_size=40) | st.text(max_size=40).map(_bytes)
    names = st.sampled_from(tuple(one.encode() for one in ASKED)) | values.map(lambda name: name[:300])
    pairs = st.lists(st.tuples(names, values), max_size=3).map(tuple)
    fields = st.lists(st.tuples(st.integers(0, 40), values), max_size=4).map(tuple)
    headers = st.lists(st.sampled_from(HEADERS), max_size=2).map(tuple)
    common = {
        "url": st.sampled_from(table().urls()), "role": st.sampled_from(ROLES), "query": pairs,
        "pick": st.integers(0, 10_000), "headers": st.just(()) | headers,
    }  # fmt: skip
    filled = st.builds(
        Attack,
        **common | {"url": st.sampled_from(sorted(FILLED)), "headers": st.just(())},
        fields=fields,
        extra=pairs,
    )
    asked = st.builds(Attack, **common, method=st.sampled_from(METHODS))
    broken = st.builds(Attack, **common, body=st.sampled_from(BROKEN_BODIES))
    lost = st.builds(Attack, **common, method=st.sampled_from(METHODS[:4]), path=st.sampled_from(PATHS))
    return filled | filled | asked | broken | lost


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


ATTACKS = _attacks()


class Stream(io.BytesIO):
    """As a web server's: it gives what there is, however much was announced."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(-1 if size is None or size < 0 else min(size, len(self.getbuffer())))


def sent(asker: Asker, attack: Attack) -> HttpResponse:
    """The answer; raises what the server in front would answer with 500."""
    question = _question(asker, attack)
    content_type, body = attack.body or (URLENCODED, _form(asker, question, attack))
    asker.client.cookies = SimpleCookie()
    if cookie := asker.cookies[attack.role]:
        asker.client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    extra: dict[str, Any] = {"QUERY_STRING": _encoded(attack.query), "CONTENT_LENGTH": str(len(body))}
    if body:
        extra |= {"CONTENT_TYPE": content_type, "wsgi.input": Stream(body)}
    extra |= dict(attack.headers)
    path = asker._path(question) + attack.path
    with transaction.atomic():
        answer: HttpResponse = asker.client.generic(attack.method, path, **extra)
        transaction.set_rollback(True)
    return answer


def _question(asker: Asker, attack: Attack) -> Question:
    found = asker.questions(attack.url, "FILLED", attack.role) or asker.questions(
        attack.url, "POST", attack.role
    )
    return found[attack.pick % len(found)]


def _form(asker: Asker, question: Question, attack: Attack) -> bytes:
    if attack.method != "POST":
        return b""
    right = [(name, value) for name, given in asker._body(question).items() for value in _each(given)]
    places = {index % len(right): value for index, value in attack.fields} if right else {}
    own = [
        (name.encode(), places.get(index, str(value).encode())) for index, (name, value) in enumerate(right)
    ]
    return _encoded((*own, *attack.extra)).encode()


def _each(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]


def _encoded(pairs: tuple[tuple[bytes, bytes], ...]) -> str:
    return "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in pairs)


def told(attack: Attack) -> str:
    """What was sent, short enough to be read."""
    return quote(repr(attack)[:600], safe=" '\"=(),[]:;/_-")
